"""What shows widgets where the page comes from others: a hub's server, which may run in another
environment than the kernel does, or Colab. It needs no package, as ``environment`` does."""

import json
import os
import sys
import urllib.error
import urllib.request

MANAGER = "@jupyter-widgets/jupyterlab-manager"
OLDEST = 5  # of its versions the first that knows ipywidgets 8


def on_colab():
    """Whether this is Colab's kernel; its page has widgets of its own, for ipywidgets 7."""
    return "google.colab" in sys.modules


def served_widgets():
    """What was found and its mend; None without a hub, or where its server does not tell."""
    if on_colab():
        return "Colab's own", None
    mend = "ask whoever runs the hub to install ipywidgets where jupyterhub-singleuser is"
    try:
        package = json.loads(_ask("package.json"))
        _ask(package["jupyterlab"]["_build"]["load"])
        version = package["version"]
        old = int(version.partition(".")[0]) < OLDEST
    except urllib.error.HTTPError as error:
        return ("the hub's server lacks the extension", mend) if error.code == 404 else None
    except (OSError, ValueError, KeyError):
        return None
    if old:
        return f"the hub's server has {version} of the extension", mend
    return "paired with the hub's server", None


def _ask(name):
    """A file of the extension, as the server gives it to the page."""
    place = f"lab/extensions/{MANAGER}/{name}"
    token = {"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"}
    request = urllib.request.Request(os.environ["JUPYTERHUB_SERVICE_URL"] + place, headers=token)
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with straight.open(request, timeout=10) as answer:
        return answer.read()
