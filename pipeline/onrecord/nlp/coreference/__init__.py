"""Who a source refers to: names, pronouns and descriptions resolved to entities."""
