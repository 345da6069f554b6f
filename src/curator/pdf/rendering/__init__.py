"""A page as it is painted: its display list, what its painting operations may hide, and its rendered picture."""
