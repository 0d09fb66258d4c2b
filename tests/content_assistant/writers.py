def offline(prompt, facts):
    """What stands in for a model."""
    assert prompt.offline
    return prompt.offline(facts)
