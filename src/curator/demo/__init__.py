"""What `curator demo` needs to run the real pipeline offline: a stand-in for arXiv, and papers for it to hold."""
