"""Providers make pictures. Each is a module or package that implements ``base.Provider``."""
