"""The live desk: who waits and works at an instant, now or in the past, and how that day is going."""
