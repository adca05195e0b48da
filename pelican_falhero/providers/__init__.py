"""What makes pictures; each provider is one module or package that implements ``base.Provider``."""
