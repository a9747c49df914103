"""What runs and is styled in the page: plain JavaScript and CSS, sent by the kernel, so that nothing comes from the web."""
