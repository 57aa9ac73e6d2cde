"""The OpenAPI document, read into what a page shows: operations, their parts, and an example."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

# What the examples say. The card is made up; it opens nothing.
EXAMPLES: dict[str, Any] = {
    "token": "epoints_…",
    "token_type": "Bearer",
    "name": "示***",
    "receipt_number": "261120-0042-2",
    "expires_on": "2027-11-30",
    "state": "ready",
    "kind": "redemption",
    "title": "整理绿地",
    "status": "published",
    "offer": "示例清茶",
    "reference": "0123456789AB",
    "to": "示***",
    "left": 90,
    "cause_id": 3,
    "other": "示例茶馆",
    "minutes": 180,
    "spendable": 120,
    "username": "cashier",
    "password": "…",
    "code": "0123 4567 89AB CDEF",
    "points": 30,
    "round_number": 1,
    "reason": "Wrong amount",
    "Idempotency-Key": "5f1c6a52-9d0e-4c53",
    "number": "261120-0042-2",
    "event_id": 7,
}


@dataclass(frozen=True)
class Part:
    """A parameter, or a member of a body."""

    name: str
    kind: str
    where: str
    required: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    secured: bool
    sent: list[Part]
    status: str
    answer: str
    example: str


@dataclass(frozen=True)
class Group:
    """The operations of one kind."""

    title: str
    operations: list[Operation]


def operations(document: Json, root: str) -> list[Group]:
    """Every operation of *document*, grouped; examples call the service at *root*."""
    groups = {tag["name"]: Group(tag["description"], []) for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if isinstance(described, Mapping) and "responses" in described:
                made = _operation(document, root, path, method, {**_shared(methods), **described})
                groups[described["tags"][0]].operations.append(made)
    return [group for group in groups.values() if group.operations]


def _shared(methods: Json) -> dict[str, Any]:
    return {"shared": methods.get("parameters", [])}


def _operation(document: Json, root: str, path: str, method: str, described: Json) -> Operation:
    parameters = [
        _parameter(document, p) for p in [*described["shared"], *described.get("parameters", [])]
    ]
    body = _members(document, _schema(described.get("requestBody", {})))
    status = next((code for code in described["responses"] if code.startswith("2")), "")
    secured = described.get("security", document["security"]) != []
    answer = _resolve(document, described["responses"].get(status, {}))
    return Operation(
        id=f"{method}-{path.strip('/').replace('/', '-').translate({123: None, 125: None})}",
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        words=described.get("description", ""),
        secured=secured,
        sent=[*parameters, *body],
        status=status,
        answer=_shown(_sample(document, _schema(answer))),
        example=_curl(root, path, method, secured, parameters, body),
    )


def _parameter(document: Json, parameter: Json) -> Part:
    found = _resolve(document, parameter)
    kind = _kind(document, found.get("schema", {}))
    words = found.get("description") or found.get("schema", {}).get("description", "")
    return Part(found["name"], kind, found["in"], bool(found.get("required")), words)


def _schema(described: Json) -> Json:
    """The schema of the first content type there is."""
    for content in described.get("content", {}).values():
        schema: Json = content.get("schema", {})
        return schema
    return {}


def _members(document: Json, schema: Json) -> list[Part]:
    """The members of a body."""
    found = _resolve(document, schema)
    return [
        Part(
            name,
            _kind(document, member),
            "body",
            name in found.get("required", ()),
            member.get("description", ""),
        )
        for name, member in found.get("properties", {}).items()
    ]


def _sample(document: Json, schema: Json, name: str = "") -> Any:
    """What a value of *schema* may look like."""
    found = _resolve(document, schema)
    kind = found.get("type", "")
    if kind == "object":
        members = found.get("properties", {}).items()
        return {member: _sample(document, part, member) for member, part in members}
    if kind == "array":
        return [_sample(document, found["items"])]
    if name in EXAMPLES:
        return EXAMPLES[name]
    if found.get("format") == "date-time":
        return None if "null" in kind else "2026-11-20T09:30:00+08:00"
    return 0 if kind == "integer" else "" if kind == "string" else None


def _shown(sample: Any) -> str:
    return json.dumps(sample, ensure_ascii=False, indent=2) if sample else ""


def _kind(document: Json, schema: Json) -> str:
    found = _resolve(document, schema)
    kind = found.get("type", "")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return " | ".join(kinds) + (f" ({found['format']})" if "format" in found else "")


def _resolve(document: Json, described: Json) -> Json:
    reference = described.get("$ref")
    if reference is None:
        return described
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    resolved: Json = found
    return resolved


def _curl(
    root: str, path: str, method: str, secured: bool, parameters: list[Part], body: list[Part]
) -> str:
    for parameter in parameters:
        if parameter.where == "path":
            example = str(EXAMPLES.get(parameter.name, 1))
            path = path.replace(f"{{{parameter.name}}}", example)
    lines = [f"curl {root}{path}" if method == "get" else f"curl -X {method.upper()} {root}{path}"]
    if secured:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [
        f"-H '{p.name}: {EXAMPLES.get(p.name, 1)}'"
        for p in parameters
        if p.where == "header" and p.required
    ]
    sent = {p.name: EXAMPLES[p.name] for p in body if p.name in EXAMPLES}
    if sent:
        # One pair of credentials is enough, and one receiver.
        if "username" in sent:
            sent.pop("code", None)
        if "code" in sent:
            sent.pop("cause_id", None)
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(sent, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)
