"""Steps: how a model takes them, over rows in memory: many in one call of the graph, here or shared by several processes."""
