"""The ``falhero`` command."""
