"""What several tests use: kernels, pages, networks, data. Nothing here is a test."""
