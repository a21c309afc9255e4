"""A hub on this machine alone, whose learners are its own user: for ``hub.py``, and for no class.

What a real hub gets of the course stands in ``docs/hub``; ``hub.py`` reads it there.
"""

import json
import os
import sys

c = get_config()  # noqa: F821  (JupyterHub brings it)
folder, ports, token, environment = json.loads(os.environ["CLASS"])

c.JupyterHub.bind_url = f"http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.should_start = False  # it outlives a hub that is started anew

# As on The Littlest JupyterHub and on Kubernetes: the learners' servers outlive the hub.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/cookie"
c.JupyterHub.concurrent_spawn_limit = 100  # its default, and Kubernetes' is 64

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{folder}/home/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = environment
c.Spawner.start_timeout = c.Spawner.http_timeout = 300

scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
c.JupyterHub.services = [{"name": "culler", "api_token": token}]
c.JupyterHub.load_roles = [{"name": "culler", "scopes": scopes, "services": ["culler"]}]
