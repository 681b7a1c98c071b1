#!/usr/bin/env python3
"""Applies deploy/kubernetes, as kustomize renders it, to an API server by server-side apply: twice, and once more as the next version.
The pods of each workload are created by a dry run, so that admission judges them and not only their owners. Faults made on purpose
must be refused. Needs PyYAML, openssl, and etcd, kube-apiserver and kustomize of `deploy/bootstrap.sh` in PATH.

It is no cluster: neither controllers nor a scheduler nor kubelets run, so nothing that is accepted starts.
"""

import collections
import copy
import json
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import yaml

from policy import FOLDER, WORKLOADS, faults
from rehearsal import eventually, say

# Who applies. A field belongs to its manager, and another one meets a conflict.
MANAGER = "operator"
# How many releases back an API server can offer the API of.
EMULATED_BACK = 3


class Refused(Exception):
    """An answer of the API server that is no success."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


def title(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Server:
    """An API server with an etcd of its own, and a client of it that may do everything."""

    def __init__(self, folder, emulated=None):
        self.folder, self.processes = folder, {}
        self.warnings, self.resources = [], {}
        self.token = secrets.token_hex(16)
        store, peer, port = free_ports(3)
        self.origin = f"https://127.0.0.1:{port}"
        (folder / "tokens").write_text(f"{self.token},{MANAGER},{MANAGER},system:masters\n")
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "accounts.pem"],
                       check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", folder / "accounts.pem", "-pubout", "-out", folder / "accounts.pub"], check=True, capture_output=True)
        self.commands = {
            "etcd": [
                "etcd", f"--data-dir={folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{store}", "--unsafe-no-fsync",
                f"--advertise-client-urls=http://127.0.0.1:{store}", f"--listen-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}", f"--initial-cluster=default=http://127.0.0.1:{peer}"],
            "kube-apiserver": [
                "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{store}", "--bind-address=127.0.0.1", f"--secure-port={port}",
                f"--cert-dir={folder}", f"--token-auth-file={folder}/tokens", "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true", "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={folder}/accounts.pub", f"--service-account-signing-key-file={folder}/accounts.pem",
                # A loopback address cannot be an endpoint of the Service `kubernetes`.
                "--endpoint-reconciler-type=none"] + ([f"--emulated-version={emulated}"] if emulated else [])}

    def __enter__(self):
        try:
            for name, command in self.commands.items():
                with open(self.folder / f"{name}.log", "w", encoding="utf-8") as log:
                    self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
            # It writes a certificate of its own, and then its key.
            eventually(60, "the API server has no certificate", lambda: self.runs() and (self.folder / "apiserver.key").exists())
            context = ssl.create_default_context(cafile=self.folder / "apiserver.crt")
            self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
            eventually(120, "the API server is not ready", lambda: self.runs() and self.open("GET", "/readyz").status == 200)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes.values()):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def runs(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                sys.exit(f"{name} ended with {process.returncode}:\n" + (self.folder / f"{name}.log").read_text()[-2000:])
        return True

    def open(self, method, path, body=None, kind="application/json", **query):
        request = urllib.request.Request(f"{self.origin}{path}?{urllib.parse.urlencode(query)}", body,
                                         {"Authorization": f"Bearer {self.token}", "Content-Type": kind}, method=method)
        return self.opener.open(request, timeout=30)

    def call(self, *arguments, **query):
        try:
            with self.open(*arguments, **query) as answer:
                self.warnings += answer.headers.get_all("Warning", [])
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)["message"]) from error

    def collection(self, thing):
        """The path of all things of a kind in a namespace, as the server itself describes its API."""
        version = thing["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self.resources:
            self.resources[version] = self.call("GET", root)["resources"]
        of_kind = [found for found in self.resources[version] if found["kind"] == thing["kind"] and "/" not in found["name"]]
        if not of_kind:
            raise Refused(404, f"{version} has no {thing['kind']}")
        space = f"/namespaces/{thing['metadata']['namespace']}" if of_kind[0]["namespaced"] else ""
        return f"{root}{space}/{of_kind[0]['name']}"

    def apply(self, thing, manager=MANAGER):
        return self.call("PATCH", f"{self.collection(thing)}/{thing['metadata']['name']}", json.dumps(thing).encode(),
                         "application/apply-patch+yaml", fieldManager=manager, force="false", fieldValidation="Strict")

    def would_create(self, thing):
        return self.call("POST", self.collection(thing), json.dumps(thing).encode(), dryRun="All", fieldValidation="Strict")

    def delete(self, thing):
        return self.call("DELETE", f"{self.collection(thing)}/{thing['metadata']['name']}", propagationPolicy="Background")


def rendered(folder, tag=None):
    """The objects of the description as kustomize renders them, with stand-ins for the operator's secrets; `tag` is another version."""
    base = folder / "kubernetes"
    shutil.copytree(FOLDER, base, dirs_exist_ok=True, ignore=shutil.ignore_patterns("secrets"))
    shutil.copy(FOLDER.parent / "Caddyfile", folder)
    kustomization = yaml.safe_load((base / "kustomization.yaml").read_text())
    for generator in kustomization["configMapGenerator"] + kustomization["secretGenerator"]:
        for name in generator.get("files", []) + generator.get("envs", []):
            if name.startswith("secrets/"):
                (base / name).parent.mkdir(parents=True, exist_ok=True)
                (base / name).write_text(f"stand-in of {name}\n")
    shutil.copy(base / "secrets.env.example", base / "secrets" / "secrets.env")
    if tag:
        kustomization["images"][0]["newTag"] = tag
        (base / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        with open(base / "settings.env", "a", encoding="utf-8") as settings:
            settings.write("TICKETSHOW_A_SETTING_OF_THE_NEXT_VERSION=1\n")
    printed = subprocess.run(["kustomize", "build", "--load-restrictor", "LoadRestrictionsNone", base], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    return list(yaml.safe_load_all(printed))


def made_of(workload):
    """A pod of a workload, and its volume claims, as a controller makes them."""
    metadata, namespace = workload["metadata"], workload["metadata"]["namespace"]
    pod = copy.deepcopy(workload["spec"]["template"]) | {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] |= {"name": f"{metadata['name']}-0", "namespace": namespace}
    pod["metadata"]["labels"]["pod-template-hash"] = "0"
    claims = []
    for template in workload["spec"].get("volumeClaimTemplates", []):
        volume = template["metadata"]["name"]
        name = f"{volume}-{metadata['name']}-0"
        claims.append({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": namespace},
                       "spec": template["spec"]})
        pod["spec"].setdefault("volumes", []).append({"name": volume, "persistentVolumeClaim": {"claimName": name}})
    return [pod, *claims]


def each(action, things):
    """The answers to an action on each thing; ends with all refusals if there are any."""
    answers, refusals = [], []
    for thing in things:
        try:
            answers.append(action(thing))
        except Refused as refused:
            refusals.append(f"{title(thing)} was refused, {refused}")
    if refusals:
        sys.exit("\n".join(refusals))
    return answers


def counted(things):
    kinds = collections.Counter(thing["kind"] for thing in things)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def expect_refusal(what, status, words, action, *arguments):
    try:
        action(*arguments)
    except Refused as refused:
        if refused.status == status and words in str(refused):
            say(f"refused, as it should be: {what} ({status})")
            return
        sys.exit(f"{what} was refused for another reason, {refused}")
    sys.exit(f"{what} was accepted")


def check_apply(server, things):
    # What a controller makes in each namespace, and pods cannot do without.
    [space] = [thing["metadata"]["name"] for thing in things if thing["kind"] == "Namespace"]
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": space}}
    first = each(server.apply, things)
    say(f"{len(first)} objects were accepted by a server-side apply: {counted(things)}")
    server.apply(account)

    made = [part for thing in things if thing["kind"] in WORKLOADS for part in made_of(thing)]
    each(server.would_create, made)
    say(f"what their controllers would make was admitted under `restricted`: {counted(made)}")

    second = each(server.apply, things)
    changed = [title(now) for before, now in zip(first, second)
               if before["metadata"]["resourceVersion"] != now["metadata"]["resourceVersion"]]
    if changed:
        sys.exit(f"changed by being applied again: {', '.join(changed)}")
    say("applied again, none of them changed")


def check_faults(server, things):
    """Faults that the API server must refuse: without this, a server that accepts everything would pass."""
    gateway = next(thing for thing in things if title(thing) == "Deployment gateway")
    unknown, moved, bound = (copy.deepcopy(gateway) for _ in range(3))
    unknown["spec"]["template"]["spec"]["containers"][0]["readinessProb"] = {}
    expect_refusal("an unknown field", 500, "field not declared in schema", server.apply, unknown)
    bound["spec"]["selector"]["matchLabels"]["app"] = "another"
    expect_refusal("a selector of other pods", 422, "does not match template `labels`", server.apply, bound)
    moved["spec"]["replicas"] = 5
    expect_refusal("another manager's number of replicas", 409, "conflict", server.apply, moved, "autoscaler")
    for what, change in [("a privileged container", {"privileged": True, "allowPrivilegeEscalation": True}),
                         ("a container with all its capabilities", {"capabilities": {}})]:
        [pod] = made_of(gateway)
        pod["spec"]["containers"][0]["securityContext"] |= change
        expect_refusal(what, 403, "violates PodSecurity \"restricted", server.would_create, pod)


def check_next_version(server, things):
    """The next version is applied over this one, as README.md of the description says."""
    jobs = [thing for thing in things if thing["kind"] == "Job"]
    for job in jobs:
        expect_refusal(f"{title(job)} of the next version beside that of this one", 422, "field is immutable", server.apply, job)
        server.delete(job)
    each(server.apply, things)
    say("once the Job is gone, the next version is accepted over this one: another tag, and another setting")


def check(folder, emulated=None):
    """Checks the description against the newest API of the server, or that of an older release. Returns the server's version."""
    things, following = rendered(folder), rendered(folder, "next")
    found = list(faults(things, {}))
    if found:
        sys.exit("\n".join(found))
    with Server(folder, emulated) as server:
        version = server.call("GET", "/version")
        offered = f", as {version['emulationMajor']}.{version['emulationMinor']}" if emulated else ""
        say(f"an API server of Kubernetes {version['gitVersion']} is ready{offered}")
        check_apply(server, things)
        check_faults(server, things)
        check_next_version(server, following)
        if server.warnings:
            sys.exit("\n".join(["the API server warned:", *server.warnings]))
        return version


def main():
    # Ending this script ends its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="ticketshow-apply-") as name:
        version = check(pathlib.Path(name))
    with tempfile.TemporaryDirectory(prefix="ticketshow-apply-") as name:
        check(pathlib.Path(name), f"{version['major']}.{int(version['minor']) - EMULATED_BACK}")


if __name__ == "__main__":
    main()
