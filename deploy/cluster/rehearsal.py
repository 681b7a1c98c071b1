#!/usr/bin/env python3
"""Runs the processes of deploy/kubernetes in Docker, with the arguments, users, environment, files and probes of the manifests: three
nats-servers, every service twice, two gateways, and a Caddy with TLS in front. Customers book while every process is replaced, one
after the other, and none of their calls may fail. Needs PyYAML and the images of `make images`.

It is no cluster: this script takes the place of scheduler and kubelet, and the names of the engine's network that of Services.
"""

import json
import os
import pathlib
import secrets
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from policy import FOLDER, described

NETWORK = "ticketshow-rehearsal"
PORT = 28443
ORIGIN = f"https://localhost:{PORT}"
CUSTOMERS = ["asha@example.org", "rohan@example.org", "meher@example.org", "farhan@example.org"]
PASSWORD = "as long as a sentence"
# Seconds between two bookings of a customer, who may have 40 seats of a screening and make 60 payments an hour.
PAUSE = 12
STARTED = time.monotonic()


def say(text):
    print(f"{time.monotonic() - STARTED:4.0f} s  {text}", flush=True)


def docker(*arguments, **options):
    ran = subprocess.run(["docker", *arguments], capture_output=True, text=True, **options)
    if ran.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}: {ran.stderr}")
    return ran.stdout.strip()


def eventually(seconds, what, check):
    until = time.monotonic() + seconds
    while True:
        try:
            if check():
                return
        except (OSError, RuntimeError):
            pass
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.5)


def settings_in(path):
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


class Installation:
    """The settings, secrets and files that an operator provides, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.database_password = secrets.token_hex(16)
        secret = secrets.token_hex(32)
        (folder / "nats").mkdir()
        self.write("postgres", self.database_password)
        self.write("server.conf", self.ticketshow("admin", "nats-config", "--keys", "/made/nats", "--host", "0.0.0.0",
                                                  "--store", "/data/jetstream"))
        shutil.copy(FOLDER.parent / "Caddyfile", folder / "Caddyfile")
        database = f"postgres://ticketshow:{self.database_password}@postgres/ticketshow"
        keys = self.ticketshow("admin", "rotate-keys", environment={"TICKETSHOW_SECRET": secret})
        self.secrets = dict(line.split("=", 1) for line in keys.splitlines() if line.startswith("TICKETSHOW_"))
        logins = ["POSTGRES_COMMAND_API", "POSTGRES_QUERY_API", "POSTGRES_PROJECTORS", "POSTGRES_SAGAS"]
        self.secrets |= {"TICKETSHOW_SECRET": secret} | dict.fromkeys(logins, database) | {
                         "TICKETSHOW_ADMIN_EMAIL": "admin@example.org", "TICKETSHOW_ADMIN_PASSWORD": secrets.token_hex(12)}
        # In production an administrator needs a second factor.
        self.settings = settings_in(FOLDER / "settings.env") | {
            "TICKETSHOW_MODE": "local", "TICKETSHOW_ORIGIN": ORIGIN, "TICKETSHOW_TRUSTED_PROXIES": "172.16.0.0/12",
            "DODO_PAYMENTS_RETURN_URL": f"{ORIGIN}/payments/return"}
        for path in folder.rglob("*"):
            os.chown(path, 10001, 10001)

    def write(self, name, text):
        (self.folder / name).write_text(text + "\n")

    def ticketshow(self, *arguments, environment=None):
        given = [part for name, value in (environment or {}).items() for part in ("--env", f"{name}={value}")]
        return docker("run", "--rm", "--user", "0", "--volume", f"{self.folder}:/made", *given, "ticketshow", *arguments)

    def value(self, variable, pod_name):
        """The value of a variable of a manifest; None if it is optional and not set."""
        if "value" in variable:
            return variable["value"]
        source = variable["valueFrom"]
        if "fieldRef" in source:
            assert source["fieldRef"]["fieldPath"] == "metadata.name", source
            return pod_name
        of = {"secretKeyRef": self.secrets, "configMapKeyRef": self.settings}
        [(kind, reference)] = source.items()
        found = of[kind].get(reference["key"])
        assert found is not None or reference.get("optional"), f"{reference} is not set"
        return found

    def environment(self, container, pod_name):
        names = {}
        for source in container.get("envFrom", []):
            assert source == {"configMapRef": {"name": "settings"}}, source
            names |= self.settings
        for variable in container.get("env", []):
            names[variable["name"]] = self.value(variable, pod_name)
        return {name: value for name, value in names.items() if value is not None}

    def file_of(self, volume):
        """What a volume of a manifest holds, as kustomization.yaml makes it."""
        if "secret" in volume:
            user = volume["secret"]["secretName"].removeprefix("nats-")
            return [self.folder / "nats" / f"{user}.nk"]
        return [self.folder / {"nats": "server.conf", "gateway": "Caddyfile"}[volume["configMap"]["name"]]]


class Pod:
    """One pod of a workload: a container in Docker, after its init containers."""

    def __init__(self, installation, workload, number):
        self.installation, self.workload = installation, workload
        self.app = workload["metadata"]["name"]
        self.name = f"{self.app}-{number}"
        self.spec = workload["spec"]["template"]["spec"]
        [self.container] = self.spec["containers"]

    @property
    def container_name(self):
        return f"{NETWORK}-{self.name}"

    def mounts(self, container):
        claims = [claim["metadata"]["name"] for claim in self.workload["spec"].get("volumeClaimTemplates", [])]
        volumes = {volume["name"]: volume for volume in self.spec.get("volumes", [])}
        for mount in container.get("volumeMounts", []):
            name, path = mount["name"], mount["mountPath"]
            if name in claims or "emptyDir" in volumes[name]:
                folder = self.installation.folder / f"{self.name}-{name}"
                folder.mkdir(exist_ok=True)
                # fsGroup, and what emptyDir allows.
                os.chown(folder, 10001, 10001)
                yield "--volume", f"{folder}:{path}"
            else:
                for file in self.installation.file_of(volumes[name]):
                    yield "--volume", f"{file}:{path}/{file.name}:ro"

    def arguments(self, container):
        pod, own = self.spec["securityContext"], container["securityContext"]
        yield from ("--user", f"{pod['runAsUser']}:{pod['runAsGroup']}", "--security-opt", "no-new-privileges", "--read-only")
        for capability in own["capabilities"]["drop"]:
            yield from ("--cap-drop", capability)
        for capability in own["capabilities"].get("add", []):
            yield from ("--cap-add", capability)
        yield from ("--memory", container["resources"]["limits"]["memory"].replace("Mi", "m").replace("Gi", "g"))
        environment = self.installation.environment(container, self.name)
        for name, value in environment.items():
            yield from ("--env", f"{name}={value}")
        for pair in self.mounts(container):
            yield from pair
        # The image of the manifests is the scratch one, whose program is the same.
        image = container["image"]
        if "command" in container:
            yield from ("--entrypoint", container["command"][0])
        yield image
        for argument in container.get("command", [])[1:] + container.get("args", []):
            for name, value in environment.items():
                argument = argument.replace(f"$({name})", value)
            yield argument

    def start(self):
        for container in self.spec.get("initContainers", []):
            docker("run", "--rm", *self.arguments(container))
        docker("run", "--detach", "--name", self.container_name, "--network", NETWORK, "--network-alias", self.app,
               "--network-alias", f"{self.name}.{self.app}", "--stop-timeout",
               str(self.spec.get("terminationGracePeriodSeconds", 30)), *self.arguments(self.container))

    def address(self):
        return docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", self.container_name)

    def passes(self, probe):
        check = self.container[probe]["httpGet"]
        port = next(port["containerPort"] for port in self.container["ports"] if port["name"] == check["port"])
        url = f"http://{self.address()}:{port}{check['path']}"
        with urllib.request.urlopen(url, timeout=self.container[probe].get("timeoutSeconds", 1)) as answer:
            return answer.status == 200

    def await_ready(self):
        probe = "startupProbe" if "startupProbe" in self.container else "readinessProbe"
        try:
            eventually(180, f"{self.name} is not ready", lambda: self.passes(probe) and self.passes("livenessProbe"))
        except TimeoutError:
            print(docker("logs", "--tail", "20", self.container_name), file=sys.stderr)
            raise

    def stop(self):
        docker("stop", self.container_name)
        code = docker("inspect", "--format", "{{.State.ExitCode}}", self.container_name)
        assert code in ("0", "1") if self.app == "nats" else code == "0", f"{self.name} ended with {code}"
        docker("rm", self.container_name)


class House:
    """A house with one room per customer, who books seat after seat in it; what fails is kept."""

    def __init__(self, certificate):
        self.context = ssl.create_default_context(cafile=certificate)
        self.booked, self.failures, self.over = 0, [], threading.Event()
        self.threads = []

    def call(self, path, body=None, token=None):
        headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{ORIGIN}/api/v1{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30, context=self.context) as answer:
            return json.load(answer)

    def sign_in(self, email, password):
        return self.call("/auth/login", {"email": email, "password": password})["access_token"]

    def open(self, email, password):
        """Makes rooms and customers, as the administrator, and lets the customers begin."""
        admin = self.sign_in(email, password)
        tomorrow = time.strftime("%Y-%m-%dT12:00:00Z", time.gmtime(time.time() + 86_400))
        venue = self.call("/venues", {"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
                                      "opens_at": "00:00", "closes_at": "00:00"}, admin)["venue_id"]
        show = self.call("/shows", {"title": "The Lighthouse Keeper", "description": "A play about waiting.", "duration_minutes": 90,
                                    "language": "English", "genres": ["Drama"]}, admin)["show_id"]
        rows = [{"label": label, "category": "standard", "seats": 20} for label in "AB"]
        for number, customer in enumerate(CUSTOMERS):
            screen = self.call(f"/venues/{venue}/screens", {"name": f"Screen {number}", "layout": {"rows": rows}}, admin)["screen_id"]
            screening = self.call("/screenings", {"show_id": show, "screen_id": screen, "starts_at": tomorrow,
                                                  "prices": {"standard": amount(25_000)}}, admin)["screening_id"]
            self.call("/admin/accounts", {"email": customer, "password": PASSWORD, "name": "A customer", "city": "Mumbai"}, admin)
            token = self.sign_in(customer, PASSWORD)
            eventually(30, f"{customer} is not known", lambda token=token: self.call("/me", token=token))
            user = self.call("/me", token=token)["user_id"]
            self.call(f"/admin/wallets/{user}/credits", {"amount": amount(5_000_000), "reason": "a rehearsal"}, admin)
            eventually(30, f"the map of {screening} is not there", lambda path=f"/screenings/{screening}/seats": self.call(path))
            thread = threading.Thread(target=self.book, args=(token, screening), daemon=True)
            thread.start()
            self.threads.append(thread)

    def book(self, token, screening):
        for seat in [f"{label}-{number}" for label in "AB" for number in range(1, 21)]:
            if self.over.wait(PAUSE):
                return
            try:
                self.call(f"/screenings/{screening}/seats")
                held = self.call("/bookings", {"screening_id": screening, "seats": [seat]}, token)
                self.call(f"/bookings/{held['booking_id']}/payment", {"method": "wallet"}, token)
                self.booked += 1
            except OSError as error:
                body = error.read().decode() if hasattr(error, "read") else ""
                self.failures.append(f"{time.monotonic() - STARTED:.0f} s, {seat}: {error} {body}")
        self.failures.append("a room is sold out before every process was replaced")

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def amount(minor):
    return {"amount_minor": minor, "currency": "INR"}


def front(folder):
    """TLS in front of the gateways, as an Ingress terminates it."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    (folder / "front").write_text(f"""{{
	admin off
	auto_https disable_redirects
}}
https://localhost:{PORT} {{
	tls /made/certificate.pem /made/key.pem
	reverse_proxy gateway:8000 {{
		lb_try_duration 5s
	}}
}}
""")
    docker("run", "--detach", "--name", f"{NETWORK}-front", "--network", NETWORK, "--publish", f"127.0.0.1:{PORT}:{PORT}",
           "--volume", f"{folder}:/made:ro", "caddy:2.11.9", "caddy", "run", "--config", "/made/front", "--adapter", "caddyfile")


def clean():
    left = docker("ps", "--all", "--quiet", "--filter", f"name={NETWORK}-").split()
    if left:
        docker("rm", "--force", "--volumes", *left)
    if docker("network", "ls", "--quiet", "--filter", f"name={NETWORK}"):
        docker("network", "rm", NETWORK)


def rehearse(folder):
    installation = Installation(folder)
    workloads = {found["metadata"]["name"]: found for found in described()[0]
                 if found["kind"] in ("Deployment", "StatefulSet", "Job")}
    docker("network", "create", NETWORK)
    docker("run", "--detach", "--name", f"{NETWORK}-postgres", "--network", NETWORK, "--network-alias", "postgres", "--env",
           "POSTGRES_USER=ticketshow", "--env", "POSTGRES_DB=ticketshow", "--env", "POSTGRES_PASSWORD_FILE=/made/postgres",
           "--volume", f"{folder}:/made:ro", "postgres:18")

    def pods(app):
        return [Pod(installation, workloads[app], number) for number in range(workloads[app]["spec"]["replicas"])]

    running = {app: pods(app) for app in ["nats", "command-api", "query-api", "projectors", "sagas", "gateway"]}
    for pod in running["nats"]:
        pod.start()
    for pod in running["nats"]:
        pod.await_ready()
    say("three nats-servers are a cluster")
    topology = Pod(installation, workloads["topology"], 0)
    eventually(60, "the streams are not made", lambda: docker(
        "run", "--rm", "--network", NETWORK, *topology.arguments(topology.container)) is not None)
    say("the streams are made")
    for app in ["command-api", "query-api", "projectors", "sagas"]:
        for pod in running[app]:
            pod.start()
    for app in ["command-api", "query-api", "projectors", "sagas"]:
        for pod in running[app]:
            pod.await_ready()
    for pod in running["gateway"]:
        pod.start()
    for pod in running["gateway"]:
        pod.await_ready()
    front(folder)
    say("every service runs twice")

    house = House(str(folder / "certificate.pem"))
    eventually(30, "the site does not answer", lambda: house.call("/shows?limit=1"))
    house.open(installation.secrets["TICKETSHOW_ADMIN_EMAIL"], installation.secrets["TICKETSHOW_ADMIN_PASSWORD"])
    eventually(60, "nobody could book", lambda: house.booked >= len(CUSTOMERS))
    say("customers book")

    for app, old in running.items():
        for place, pod in enumerate(old):
            if app == "nats":
                # A StatefulSet: the same name and disk.
                pod.stop()
                pod.start()
                pod.await_ready()
            else:
                # maxSurge 1, maxUnavailable 0.
                new = Pod(installation, workloads[app], place + len(old))
                new.start()
                new.await_ready()
                pod.stop()
        say(f"{app} was replaced; {house.booked} bookings, {len(house.failures)} failures")
    house.end()
    if house.failures:
        for name in docker("ps", "--format", "{{.Names}}", "--filter", "name=-api-").split():
            print(name, docker("logs", "--tail", "40", name), file=sys.stderr)
        sys.exit("\n".join(house.failures))
    docker("run", "--rm", "--network", NETWORK, "--user", "0", "--volume", f"{folder}/nats:/keys:ro",
           "--env", "NATS_URL=nats://nats-0.nats:4222", "--env", "TICKETSHOW_NATS_KEYS=/keys",
           "--env", f"DATABASE_URL={installation.secrets['POSTGRES_PROJECTORS']}",
           "--env", f"TICKETSHOW_SECRET={installation.secrets['TICKETSHOW_SECRET']}", "ticketshow", "verify")
    say(f"{house.booked} bookings, none failed, and the log is sound")


def main():
    clean()
    with tempfile.TemporaryDirectory(prefix="ticketshow-rehearsal-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        try:
            rehearse(folder)
        finally:
            clean()


if __name__ == "__main__":
    main()
