"""Killing Curator at random instants, over and over, on one workspace."""
