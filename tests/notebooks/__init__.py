"""The notebooks of the course: run anew, and in other languages."""
