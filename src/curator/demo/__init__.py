"""Run the real pipeline offline: a stand-in for arXiv on this machine, and sample papers for it to serve."""
