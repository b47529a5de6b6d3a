"""The API of the sample application."""
