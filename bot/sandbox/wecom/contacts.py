"""The customers that members have added, their tags, and what members are asked to send to them."""

import calendar
import time
from dataclasses import dataclass, field

from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import Body, RefusedError

UNSENT, SENT, NO_FRIEND, FULL = 0, 1, 2, 3
TASK_SENT = 2  # a task's own word for sent
WELCOME_SECONDS = 20


@dataclass(slots=True)
class Follow:
    """What one member keeps of a customer."""

    userid: str
    createtime: int
    remark: str
    state: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    add_way: int = 1


@dataclass(slots=True)
class Customer:
    """An external contact; `got` is what reached her, and when."""

    id: str
    name: str
    follows: dict[str, Follow] = field(default_factory=dict)
    got: list[tuple[float, Body]] = field(default_factory=list)

    @property
    def shown(self) -> Body:
        """Her side, as the interface gives it: no phone."""
        return {"external_userid": self.id, "name": self.name, "type": 1, "avatar": "", "gender": 0}


@dataclass(slots=True)
class Tag:
    """A tag of the corp and the group it stands in."""

    id: str
    name: str
    group: str
    group_name: str
    at: int


@dataclass(slots=True)
class Task:
    """Something members shall send: for each member her customers, and what became of each."""

    id: str
    at: float
    content: Body
    chat_type: str
    states: dict[str, dict[str, int]]
    sent_at: dict[str, int] = field(default_factory=dict)
    reminded: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Welcome:
    """A chance to greet a new customer: once, at once."""

    customer: str
    until: float
    used: bool = False


class Contacts:
    """Customer contact of one corp."""

    def __init__(self, corp: Corp) -> None:
        """Nobody is added at first."""
        self.corp = corp
        self.customers: dict[str, Customer] = {}
        self.tags: dict[str, Tag] = {}
        self.tasks: dict[str, Task] = {}
        self.welcomes: dict[str, Welcome] = {}

    def add(self, person: str, name: str, state: str) -> tuple[Customer, str]:
        """A member adds a customer; returns her, and the code to greet her with."""
        customer = Customer(f"wm{self.corp.name('')}", name)
        now = self.corp.now()
        customer.follows[person] = Follow(person, int(now), name, state)
        self.customers[customer.id] = customer
        code = self.corp.name("WELCOME")
        self.welcomes[code] = Welcome(customer.id, now + WELCOME_SECONDS)
        return customer, code

    def customer(self, name: object) -> Customer:
        """The customer of this id; raises RefusedError."""
        found = self.customers.get(name) if isinstance(name, str) else None
        if found is None:
            raise RefusedError(40096)
        return found

    def follow(self, person: object, name: object) -> Follow:
        """What a member keeps of a customer; raises RefusedError where they are not related."""
        found = self.customer(name).follows.get(person) if isinstance(person, str) else None
        if found is None:
            raise RefusedError(84061)
        return found

    def of(self, person: str) -> list[Customer]:
        """A member's customers."""
        return [one for one in self.customers.values() if person in one.follows]

    def tag(self, name: object) -> Tag:
        """The tag of this id; raises RefusedError."""
        found = self.tags.get(name) if isinstance(name, str) else None
        if found is None:
            raise RefusedError(40068)
        return found

    def task(self, name: object) -> Task:
        """The task of this id; raises RefusedError."""
        found = self.tasks.get(name) if isinstance(name, str) else None
        if found is None:
            raise RefusedError(40058, "msgid")
        return found

    def confirm(self, task: Task, person: str) -> None:
        """The member presses send: each customer gets it, unless she left or has had one for each day of the month."""
        now = self.corp.now()
        month = time.gmtime(now)[:2]
        for name, state in task.states[person].items():
            if state != UNSENT:
                continue
            customer = self.customers[name]
            if person not in customer.follows:
                task.states[person][name] = NO_FRIEND
            elif sum(time.gmtime(at)[:2] == month for at, _ in customer.got) >= calendar.monthrange(*month)[1]:
                task.states[person][name] = FULL
            else:
                customer.got.append((now, task.content))
                task.states[person][name] = SENT
        task.sent_at[person] = int(now)
