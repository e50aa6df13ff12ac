"""Measures the support page with Google's Lighthouse, which comes from npm: `make lighthouse`."""
