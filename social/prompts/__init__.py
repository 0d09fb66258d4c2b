"""What models are asked: each prompt beside its template, with who answers in their place."""
