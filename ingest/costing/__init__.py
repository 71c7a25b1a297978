"""Money: the terms as the sums by day need them, what months are expected to cost, and bills that are checked."""
