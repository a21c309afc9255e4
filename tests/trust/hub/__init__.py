"""A class on a real hub: how many it carries (``load``), and what it does with faults (``faults``).

``hub`` starts and ends the hub, ``learner`` is one of the class.
"""
