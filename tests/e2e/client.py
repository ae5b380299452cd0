"""What a front end or a script says to Home Assistant, over HTTP and WebSocket."""

from http import HTTPStatus
from typing import Any, Self

import aiohttp

from tests.e2e.waiting import until

READY_TIMEOUT = 120


class RefusedError(Exception):
    """Home Assistant refused; `status` and the text are its own."""

    def __init__(self, status: int | str, text: str) -> None:
        """Keep the status beside the message."""
        super().__init__(f"{status}: {text}")
        self.status = status


class Client:
    """One logged-in administrator."""

    def __init__(self, base: str) -> None:
        """Take the address; `onboard` or `log_in` comes next."""
        self.base = base
        self.tokens: dict[str, Any] = {}
        self._web = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        """Use the client in a `with` block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    # HTTP

    async def request(self, method: str, path: str, body: object = None) -> Any:
        """Send a request; return its answer, as JSON where it is."""
        headers = {}
        if token := self.tokens.get("access_token"):
            headers["Authorization"] = f"Bearer {token}"
        async with self._web.request(
            method, f"{self.base}{path}", json=body, headers=headers
        ) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise RefusedError(answer.status, await answer.text())
            if answer.content_type == "application/json":
                return await answer.json()
            return await answer.text()

    async def get(self, path: str) -> Any:
        """Get a resource."""
        return await self.request("GET", path)

    async def post(self, path: str, body: object = None) -> Any:
        """Post to a resource."""
        return await self.request("POST", path, {} if body is None else body)

    async def delete(self, path: str) -> Any:
        """Delete a resource."""
        return await self.request("DELETE", path)

    # Logging in

    async def onboard(self, name: str, username: str, password: str) -> None:
        """Create the first user and go through the steps that follow."""
        identity = {"client_id": self._client_id}
        created = await self.post(
            "/api/onboarding/users",
            {
                **identity,
                "name": name,
                "username": username,
                "password": password,
                "language": "en",
            },
        )
        await self._exchange(created["auth_code"])
        steps = await self.get("/api/onboarding")
        for step in steps:
            if not step["done"]:
                await self.post(
                    f"/api/onboarding/{step['step']}",
                    {**identity, "redirect_uri": self._client_id},
                )
        await self.running()

    async def log_in(self, username: str, password: str) -> None:
        """Log in with a name and a password."""
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": self._client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": self._client_id,
            },
        )
        result = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {
                "client_id": self._client_id,
                "username": username,
                "password": password,
            },
        )
        if result["type"] != "create_entry":
            raise RefusedError(result["type"], f"{result.get('errors')}")
        await self._exchange(result["result"])
        await self.running()

    @property
    def _client_id(self) -> str:
        return f"{self.base}/"

    async def _exchange(self, code: str) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self._client_id,
        }
        async with self._web.post(f"{self.base}/auth/token", data=form) as answer:
            answer.raise_for_status()
            self.tokens = await answer.json()

    async def running(self) -> None:
        """Wait until everything has been set up."""
        await until(self._is_running, READY_TIMEOUT)

    async def _is_running(self) -> bool:
        try:
            config = await self.get("/api/config")
        except aiohttp.ClientError:
            return False
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return bool(config["state"] == "RUNNING")

    # WebSocket

    async def command(self, kind: str, **fields: object) -> Any:
        """Send one WebSocket command and return its result."""
        async with self._web.ws_connect(f"{self.base}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json(
                {"type": "auth", "access_token": self.tokens["access_token"]}
            )
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **fields})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise RefusedError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    # Home Assistant's own words

    async def action(
        self, name: str, data: dict[str, object], *, answer: bool = False
    ) -> Any:
        """Call an action, such as `switch.turn_on`; return its answer if wanted."""
        domain, _, service = name.partition(".")
        query = "?return_response" if answer else ""
        result = await self.post(f"/api/services/{domain}/{service}{query}", data)
        return result["service_response"] if answer else result

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        entity = await self.get(f"/api/states/{entity_id}")
        return str(entity["state"])

    async def wait_for(self, entity_id: str, state: str, seconds: float = 20) -> None:
        """Wait until an entity has a state."""
        seen = ""

        async def check() -> bool:
            nonlocal seen
            seen = await self._state_or_missing(entity_id)
            return seen == state

        try:
            await until(check, seconds)
        except TimeoutError:
            message = f"{entity_id} is {seen}, not {state}, after {seconds} s"
            raise AssertionError(message) from None

    async def _state_or_missing(self, entity_id: str) -> str:
        try:
            return await self.state(entity_id)
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return "missing"
            raise

    async def say(self, text: str) -> str:
        """Speak to Assist; return what it says."""
        answer = await self.post(
            "/api/conversation/process", {"text": text, "language": "en"}
        )
        speech: str = answer["response"]["speech"]["plain"]["speech"]
        return speech

    async def entries(self, domain: str) -> list[dict[str, Any]]:
        """Return the config entries of an integration."""
        found: list[dict[str, Any]] = await self.get(
            f"/api/config/config_entries/entry?domain={domain}"
        )
        return found

    async def add(self, domain: str, answers: dict[str, object]) -> dict[str, Any]:
        """Add an integration; steps that only ask to confirm are confirmed."""
        step = await self.post("/api/config/config_entries/flow", {"handler": domain})
        for given in (answers, {}, {}):
            step = await self.post(
                f"/api/config/config_entries/flow/{step['flow_id']}", given
            )
            if step["type"] != "form" or step.get("errors"):
                break
        if step["type"] != "create_entry":
            raise RefusedError(
                step["type"], f"{step.get('errors') or step.get('reason')}"
            )
        entry: dict[str, Any] = step["result"]
        return entry

    async def confirm_address(self) -> None:
        """Confirm HTTP settings that Home Assistant would otherwise take back."""
        settings = await self.command("http/config")
        if settings["pending"]:
            await self.command("http/config/promote")
