"""The practice web: small sites on 127.0.0.1 that behave, and misbehave, like the real ones."""
