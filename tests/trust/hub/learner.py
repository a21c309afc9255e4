"""A learner as the hub knows one: a browser's requests, with its cookies and no rights beyond."""

import asyncio
import collections
import html
import json
import re
import time
import uuid
from urllib.parse import urlencode

import aiohttp

PATIENCE = 600  # seconds for whatever a learner waits for


class Failed(Exception):
    """What a learner would have seen go wrong."""


def words(page):
    """What a page says between its head and its foot."""
    main = page.partition("<body")[2] or page
    main = re.sub(
        r"(?s)<(script|noscript|nav|header)\b.*?</\1>|<!--.*?-->|<[^>]*>", " ", f"<{main}"
    )
    return " ".join(html.unescape(main).split())


class Learner:
    """A context, as long as the browser is open; ``home`` is the folder of the learner's files."""

    def __init__(self, hub, name):
        self.hub, self.name = hub, name
        self.home = hub.folder / "home" / name
        self.server = f"{hub.address}/user/{name}"
        self.seconds = {}

    async def __aenter__(self):
        self.browser = aiohttp.ClientSession(
            # The proxy closes what is idle, and unlike a browser this one would not try again.
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # for an address without a name
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
        )
        return self

    async def __aexit__(self, *_):
        await self.browser.close()

    async def timed(self, name, doing):
        """Note the seconds of ``doing`` under ``name``."""
        begun = time.monotonic()
        await doing
        self.seconds[name] = time.monotonic() - begun

    # --- pages and files

    def token(self, address):
        return self.browser.cookie_jar.filter_cookies(address)["_xsrf"].value

    async def page(self, address, method="GET", **options):
        """The address that the browser ends at, and what it shows there."""
        async with self.browser.request(method, address, **options) as answer:
            said = await answer.text()
            if answer.status >= 400:
                raise Failed(f"{answer.url.path}: {answer.status} {words(said)}")
            return answer.url, said

    async def log_in(self):
        login = f"{self.hub.address}/hub/login"
        await self.page(login)
        form = {"username": self.name, "password": self.name, "_xsrf": self.token(login)}
        await self.page(login, "POST", data=form)

    async def arrive(self, notebook):
        """Follow the nbgitpuller link to a notebook until the learner's server shows its page."""
        query = urlencode(self.course() | {"urlpath": f"lab/tree/{notebook}"})
        link = f"{self.hub.address}/hub/user-redirect/git-pull?{query}"
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            address, said = await self.page(link)
            if address.path == f"/user/{self.name}/git-pull":
                return
            for progress in re.findall(r'new EventSource\("(.+?)"\)', said):
                await self.page(self.hub.address + html.unescape(progress))  # until it has started
            await asyncio.sleep(1)
        raise Failed(f"no server: {words(said)}")

    def course(self):
        return {"repo": self.hub.remote, "branch": "main", "targetpath": "course"}

    async def pull(self):
        """What the page of the link does next: the course is brought, or brought up to date."""
        query = self.course() | {"_xsrf": self.token(f"{self.server}/git-pull")}
        async with self.browser.get(f"{self.server}/git-pull/api", params=query) as answer:
            said = (await answer.text()).split("\n\n")
        if '"finished"' not in said[-2]:
            raise Failed(f"no course: {said[-2]}")

    async def api(self, place, method="GET", body=None):
        """The answer of the learner's server, as Lab would get it."""
        headers = {"X-XSRFToken": self.token(f"{self.server}/lab")}
        address = f"{self.server}/api/{place}"
        async with self.browser.request(method, address, json=body, headers=headers) as answer:
            said = await answer.text()
            if answer.status >= 400:
                raise Failed(f"{method} {place}: {answer.status} {json.loads(said)['message']}")
            return json.loads(said)

    async def read(self, notebook):
        return (await self.api(f"contents/{notebook}"))["content"]

    async def save(self, notebook, content):
        body = {"type": "notebook", "format": "json", "content": content}
        await self.api(f"contents/{notebook}", "PUT", body)

    # --- the kernel

    async def start_kernel(self, notebook):
        """A kernel for the notebook, which has answered once."""
        body = {"path": notebook, "name": "", "type": "notebook"}
        session = await self.api("sessions", "POST", body | {"kernel": {"name": "python3"}})
        self.kernel = session["kernel"]["id"]
        await self.connect()
        await self.run("pass")

    async def connect(self):
        address = f"{self.server}/api/kernels/{self.kernel}/channels"
        self.messages = await self.browser.ws_connect(address, max_msg_size=0)

    async def ask(self, kind, content):
        """The messages by which the kernel answers one, until it is idle again."""
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "session": self.name, "username": self.name}
        message = {"header": header | {"version": "5.3", "date": ""}, "content": content}
        await self.messages.send_json(
            message | {"parent_header": {}, "metadata": {}, "channel": "shell", "buffers": []}
        )
        answers, ends = [], {"status"} | ({"execute_reply"} if kind == "execute_request" else set())
        while ends:
            frame = await self.messages.receive()
            if frame.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                raise Failed("the connection to the kernel was closed")
            if frame.type != aiohttp.WSMsgType.TEXT:  # pictures of widgets come as bytes
                continue
            message = json.loads(frame.data)
            if message["parent_header"].get("msg_id") == name:
                answers.append(message)
                if message["content"].get("execution_state", "idle") == "idle":
                    ends.discard(message["msg_type"])
        return answers

    async def run(self, source):
        """Run a cell: what it prints and shows as text, and the widgets that it makes."""
        options = {"silent": False, "store_history": True, "allow_stdin": False}
        content = {"code": source, "stop_on_error": True, "user_expressions": {}, **options}
        said, widgets = "", collections.defaultdict(list)
        for message in await self.ask("execute_request", content):
            content = message["content"]
            if message["msg_type"] == "error":
                raise Failed(f"{source}\n{content['ename']}: {content['evalue']}")
            said += content.get("text", "")
            if message["msg_type"] in ("display_data", "execute_result"):
                said += content["data"].get("text/plain", "")
            if message["msg_type"] == "comm_open":
                state = content["data"]["state"]
                widgets[state["_model_name"]].append(content["comm_id"])
        return said, widgets

    async def commit(self, widgets, choice=0):
        """Answer a question by its widgets; what the learner is told."""
        (choices,), (button,) = widgets["RadioButtonsModel"], widgets["ButtonModel"]
        state = {"method": "update", "state": {"index": choice}, "buffer_paths": []}
        await self.ask("comm_msg", {"comm_id": choices, "data": state})
        click = {"method": "custom", "content": {"event": "click"}}
        answers = await self.ask("comm_msg", {"comm_id": button, "data": click})
        told = [each["content"]["data"] for each in answers if each["msg_type"] == "comm_msg"]
        return "".join(data.get("state", {}).get("value", "") for data in told)
