"""Replay a page: its display list, the order in which it paints, the contrast of its colours."""
