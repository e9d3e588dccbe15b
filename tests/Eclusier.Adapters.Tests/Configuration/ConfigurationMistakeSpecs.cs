using Eclusier.Adapters.Configuration;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationMistakeSpecs
{
    private const string Names = "lower-case letters, digits, '-' and '_'";

    // The mark » stands where the message must point to.
    public static TheoryData<string, string> MistakesInAStack => new()
    {
        // words
        { "»intervall: 3m", "stacks.shop.intervall: unknown key; did you mean 'interval'?" },
        { "»compose-files: [a.yml]", "stacks.shop.compose-files: unknown key; did you mean 'compose_files'?" },
        { "images: { »weit: 1m }", "stacks.shop.images.weit: unknown key; did you mean 'wait'?" },
        { "images: { »colour: red }", "stacks.shop.images.colour: unknown key; images takes wait, follow, interval, min_age, expect_label, expect_label_on" },
        { "health:\n  probes:\n    - tcp: localhost:80\n      »timout: 3s", "stacks.shop.health.probes[0].timout: unknown key; did you mean 'timeout'?" },
        { "»x-mine: 1", "stacks.shop.x-mine: unknown key; a stack takes repository, auth, branch, tag, commit, directory, compose_files, env_files, environment, profiles, project, checkout, interval, images, registries, health, on_failure, unset_variables, history, drift, retain, notify, commit_status, webhook" },
        { "on_failure: »rolback", "stacks.shop.on_failure: expected 'rollback' or 'stop-and-report', found 'rolback'; did you mean 'rollback'?" },
        { "on_failure: »stop_and_report", "stacks.shop.on_failure: expected 'rollback' or 'stop-and-report', found 'stop_and_report'; did you mean 'stop-and-report'?" },
        { "drift: »Heal", "stacks.shop.drift: expected one of heal, report, ignore, found 'Heal'; did you mean 'heal'?" },
        { "history: »any", "stacks.shop.history: expected 'rewrite-allowed' or 'fast-forward-only', found 'any'" },
        { "unset_variables: »true", "stacks.shop.unset_variables: expected 'error' or 'warn', found 'true'" },
        // types
        { "interval: »90", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found '90'; add a unit: ms, s, m, h or d" },
        { "interval: »30m1h", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found '30m1h'" },
        { "interval: »-3m", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found '-3m'" },
        { "interval: »99999999999d", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found '99999999999d'" },
        { "interval: »\"3m\\n\"", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found '3m\uFFFD'" },
        { "interval: »[3m]", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found a list" },
        { "interval:»", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found nothing" },
        { "interval: »null", "stacks.shop.interval: expected a duration such as 90s, 3m or 1h30m, found nothing" },
        { "retain: »many", "stacks.shop.retain: expected a whole number from 0 to 1000, found 'many'" },
        { "retain: »-1", "stacks.shop.retain: expected a whole number from 0 to 1000, found '-1'" },
        { "retain: »1.5", "stacks.shop.retain: expected a whole number from 0 to 1000, found '1.5'" },
        { "profiles: »monitoring", "stacks.shop.profiles: expected a list of profiles, found text; write it as [a, b] or with '- ' before each" },
        { "profiles: [ok, »'a b']", "stacks.shop.profiles[1]: expected the name of a profile, found 'a b'" },
        { "health: »fast", "stacks.shop.health: expected a mapping (timeout, interval, soak, probes), found text" },
        { "environment: »[A, B]", "stacks.shop.environment: expected a mapping of variables and their values, found a list" },
        // what never agrees
        { "images: { follow: all, »min_age: 1h, expect_label: { a: b } }", "stacks.shop.images.min_age: contradicts 'expect_label' in line 4 for every service: what was built from a commit is never old enough; name only other services in 'follow' or 'expect_label_on'" },
        { "images: { follow: [web, db], »min_age: 1h, expect_label: { a: b }, expect_label_on: [web] }", "stacks.shop.images.min_age: contradicts 'expect_label' in line 4 for web: what was built from a commit is never old enough; name only other services in 'follow' or 'expect_label_on'" },
        { "images: { follow: all, »min_age: 1h, expect_label: { a: b }, expect_label_on: [web, api] }", "stacks.shop.images.min_age: contradicts 'expect_label' in line 4 for web, api: what was built from a commit is never old enough; name only other services in 'follow' or 'expect_label_on'" },
        // ranges
        { "interval: »999ms", "stacks.shop.interval: expected a duration of 1s to 30d, found '999ms'" },
        { "interval: »31d", "stacks.shop.interval: expected a duration of 1s to 30d, found '31d'" },
        { "images: { interval: »0s }", "stacks.shop.images.interval: expected a duration of 1s to 30d, found '0s'" },
        { "images: { wait: »8d }", "stacks.shop.images.wait: expected a duration of 0s to 7d, found '8d'" },
        { "health: { timeout: »0s }", "stacks.shop.health.timeout: expected a duration of 1s to 1d, found '0s'" },
        { "health: { soak: »25h }", "stacks.shop.health.soak: expected a duration of 0s to 1d, found '25h'" },
        { "health: { interval: »0ms }", "stacks.shop.health.interval: expected a duration of 100ms to 1h, found '0ms'" },
        { "health: { probes: [ { tcp: 'a:1', timeout: »0s } ] }", "stacks.shop.health.probes[0].timeout: expected a duration of 1ms to 1h, found '0s'" },
        // what to follow
        { "branch: main\n»tag: v*", "stacks.shop.tag: contradicts 'branch' in line 4; give only one of 'branch', 'tag' or 'commit'" },
        { "commit: 1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e\n»branch: main", "stacks.shop.branch: contradicts 'commit' in line 4; give only one of 'branch', 'tag' or 'commit'" },
        { "commit: »1eabc9a", "stacks.shop.commit: expected a full commit hash (40 lower-case hexadecimal digits), found '1eabc9a'" },
        { "branch: »-main", "stacks.shop.branch: expected the name of a branch, found '-main'" },
        { "branch: »my branch", "stacks.shop.branch: expected the name of a branch, found 'my branch'" },
        { "branch: »a..b", "stacks.shop.branch: expected a name that git allows, found 'a..b'" },
        { "branch: »v*", "stacks.shop.branch: expected the name of a branch, found 'v*'" },
        { "tag: »v 1", "stacks.shop.tag: expected a tag or a pattern such as v*, found 'v 1'" },
        // places
        { "directory: »/srv", "stacks.shop.directory: expected a folder inside the repository, relative to its root and without '..', found '/srv'" },
        { "directory: »a/../../b", "stacks.shop.directory: expected a folder inside the repository, relative to its root and without '..', found 'a/../../b'" },
        { "checkout: »home/shop", "stacks.shop.checkout: expected an absolute path, found 'home/shop'" },
        { "checkout: »~/shop", "stacks.shop.checkout: expected an absolute path, found '~/shop'; '~' is not expanded" },
        { "compose_files: [a.yml, »/srv/b.yml]", "stacks.shop.compose_files[1]: expected a path relative to 'directory'" },
        { "directory: deploy\ncompose_files: [../a.yml, »../../b.yml]", "stacks.shop.compose_files[1]: is outside of the repository" },
        { "project: »Shop", $"stacks.shop.project: expected a Compose project name ({Names}), found 'Shop'" },
        // environment
        { "environment: { »1A: b }", "stacks.shop.environment.1A: expected the name of a variable (letters, digits and '_')" },
        { "environment: { »ECLUSIER_COMMIT: b }", "stacks.shop.environment.ECLUSIER_COMMIT: is set by Eclusier itself" },
        { "environment: { A: »}", "stacks.shop.environment.A: expected a text; for an empty value write \"\", found nothing" },
        { "environment: { A: »'{comit7}' }", "stacks.shop.environment.A: unknown placeholder {comit7}; did you mean {commit7}?" },
        { "environment: { A: »'{tag}' }", "stacks.shop.environment.A: unknown placeholder in braces; there are {branch}, {commit} and {commit7}" },
        { "environment: { A: »{commit7} }", "stacks.shop.environment.A: expected a text; for an empty value write \"\", found a mapping; does it need quotes?" },
        // variables
        { "directory: »${NOWHERE}", "stacks.shop.directory: the environment has no variable NOWHERE; set it for eclusier, or write '$${' for a literal '${'" },
        { "directory: »${A:-b}", "stacks.shop.directory: '${' begins the name of an environment variable and must go on with letters, digits or '_' and a '}'; write '$${' for a literal '${'" },
        { "directory: »${HOST", "stacks.shop.directory: '${' begins the name of an environment variable and must go on with letters, digits or '_' and a '}'; write '$${' for a literal '${'" },
        { "directory: »${EMPTY}", "stacks.shop.directory: expected a folder inside the repository, relative to its root and without '..', found '${EMPTY}'" },
        // images
        { "images: { follow: »[] }", "stacks.shop.images.follow: expected services or 'all', found an empty list; leave the key out to follow none" },
        { "images: { follow: »al }", "stacks.shop.images.follow: expected one of all, found 'al'; did you mean 'all'?" },
        { "images: { follow: [»'a b'] }", "stacks.shop.images.follow[0]: expected the name of a service, found 'a b'" },
        { "images: { »min_age: 1h }", "stacks.shop.images.min_age: has a meaning only with 'follow'" },
        { "images: { »expect_label_on: all }", "stacks.shop.images.expect_label_on: has a meaning only with 'expect_label'" },
        { "images: { expect_label: { a: »'{comit}' } }", "stacks.shop.images.expect_label.a: unknown placeholder {comit}; did you mean {commit}?" },
        // registries
        { "registries: { »'a b': { ca_file: /b } }", "stacks.shop.registries.a b: expected a registry's host, with its port if it has one" },
        { "registries: { »lan: {} }", "stacks.shop.registries.lan: one of 'password_file', 'token_file' or 'ca_file' is missing" },
        { "registries: { »lan: { password_file: /b } }", "stacks.shop.registries.lan: 'username' is missing, which a password needs" },
        { "registries: { lan: { »username: a, token_file: /b } }", "stacks.shop.registries.lan.username: has a meaning only with 'password' or 'password_file'" },
        { "registries: { lan: { token_file: /b, username: a, »password: c } }", "stacks.shop.registries.lan.password: contradicts 'token_file' in line 4; give only one of 'password', 'password_file' or 'token_file'" },
        // probes
        { "health: { probes: [ »{ timeout: 3s } ] }", "stacks.shop.health.probes[0]: one of 'http', 'tcp' or 'exec' is missing" },
        { "health: { probes: [ { tcp: 'a:1', »http: 'http://a/' } ] }", "stacks.shop.health.probes[0].http: contradicts 'tcp' in line 4; give only one of 'http', 'tcp' or 'exec'" },
        { "health: { probes: [ { tcp: 'a:1', »status: 200 } ] }", "stacks.shop.health.probes[0].status: has a meaning only with 'http'" },
        { "health: { probes: [ { http: »'ftp://a/' } ] }", "stacks.shop.health.probes[0].http: expected an http:// or https:// URL" },
        { "health: { probes: [ { http: »a/health } ] }", "stacks.shop.health.probes[0].http: expected an http:// or https:// URL" },
        { "health: { probes: [ { http: »'http://me:pw@a/' } ] }", "stacks.shop.health.probes[0].http: a URL here must not hold a user name or password; send an Authorization header under 'headers'" },
        { "health: { probes: [ { http: 'http://a/', status: »20 } ] }", "stacks.shop.health.probes[0].status: expected a status code such as 200 or 2xx, found '20'" },
        { "health: { probes: [ { http: 'http://a/', status: [200, »6xx] } ] }", "stacks.shop.health.probes[0].status[1]: expected a status code such as 200 or 2xx, found '6xx'" },
        { "health: { probes: [ { http: 'http://a/', status: »[] } ] }", "stacks.shop.health.probes[0].status: expected at least one of status codes, found an empty list" },
        { "health: { probes: [ { http: 'http://a/', method: »GETT } ] }", "stacks.shop.health.probes[0].method: expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, found 'GETT'; did you mean 'GET'?" },
        { "health: { probes: [ { http: 'http://a/', tls: »off } ] }", "stacks.shop.health.probes[0].tls: expected 'verify' or 'insecure', found 'off'" },
        { "health: { probes: [ { http: 'http://a/', headers: { »'a b': c } } ] }", "stacks.shop.health.probes[0].headers.a b: expected the name of a header" },
        { "health: { probes: [ { tcp: »localhost } ] }", "stacks.shop.health.probes[0].tcp: expected a host and a port such as 127.0.0.1:5432, found 'localhost'; the port is missing" },
        { "health: { probes: [ { tcp: »'localhost:0' } ] }", "stacks.shop.health.probes[0].tcp: expected a port from 1 to 65535, found 'localhost:0'" },
        { "health: { probes: [ { tcp: »'localhost:70000' } ] }", "stacks.shop.health.probes[0].tcp: expected a port from 1 to 65535, found 'localhost:70000'" },
        { "health: { probes: [ { »exec: { service: web } } ] }", "stacks.shop.health.probes[0].exec: 'command' is missing" },
        { "health: { probes: [ { exec: { service: web, command: »[] } } ] }", "stacks.shop.health.probes[0].exec.command: expected at least one of words, found an empty list" },
        { "health: { probes: [ { exec: { service: web, command: »./check } } ] }", "stacks.shop.health.probes[0].exec.command: expected a list of words, found text; write it as [a, b] or with '- ' before each" },
        // signing in
        { "»auth: {}", "stacks.shop.auth: one of 'token', 'token_file' or 'ssh_key_file' is missing" },
        { "auth: { token: a, »token_file: /b }", "stacks.shop.auth.token_file: contradicts 'token' in line 4; give only one of 'token', 'token_file' or 'ssh_key_file'" },
        { "auth: { token: a, »ssh_key_file: /b }", "stacks.shop.auth.ssh_key_file: contradicts 'token' in line 4; give only one of 'token', 'token_file' or 'ssh_key_file'" },
        { "auth: { token: a, »known_hosts_file: /b }", "stacks.shop.auth.known_hosts_file: has a meaning only with 'ssh_key_file'" },
        { "»auth: { ssh_key_file: /b }", "stacks.shop.auth: an SSH key is for an ssh:// or user@host:path repository, and this one is read over https://; use 'token_file'" },
        { "auth: { token: »'' }", "stacks.shop.auth.token: expected an access token, found an empty text" },
        { "auth: { token: »\"${EMPTY}\" }", "stacks.shop.auth.token: expected an access token, found an empty text" },
        { "auth: { token: a, username: »'a:b' }", "stacks.shop.auth.username: expected a user name without ':', found 'a:b'" },
        // notifying
        { "notify: [»ops]", "stacks.shop.notify[0]: no notifier has this name; define it under 'notifiers'" },
    };

    [Theory]
    [MemberData(nameof(MistakesInAStack))]
    public void A_mistake_in_a_stack_is_told_with_its_place(string marked, string message) => AssertProblem(Shop(marked), message);

    public static TheoryData<string, string> MistakesInAFile => new()
    {
        { "»stack: {}\nstacks: { shop: { repository: /srv/a } }\n", "stack: unknown key; did you mean 'stacks'?" },
        { "»interval: 3m\n", "'stacks' is missing" },
        { "stacks: »{}\n", "stacks: expected a mapping of stacks, found an empty one" },
        { "stacks:»\n", "stacks: expected a mapping of stacks, found nothing" },
        { "»- stacks\n", "expected a mapping (state_dir, interval, max_parallel_deployments, stacks, …), found a list" },
        { "»stacks\n", "expected a mapping (state_dir, interval, max_parallel_deployments, stacks, …), found text" },
        { "state_dir: »var/lib\nstacks: { shop: { repository: /srv/a } }\n", "state_dir: expected an absolute path, found 'var/lib'" },
        { "max_parallel_deployments: »0\nstacks: { shop: { repository: /srv/a } }\n", "max_parallel_deployments: expected a whole number from 1 to 100, found '0'" },
        { "interval: »0s\nstacks: { shop: { repository: /srv/a } }\n", "interval: expected a duration of 1s to 30d, found '0s'" },
        { "stacks:\n  »Shop: { repository: /srv/a }\n", $"stacks.Shop: expected a stack's name: {Names}, 1 to 63 of them, beginning with a letter or digit" },
        { "stacks:\n  »\"shop\\n\": { repository: /srv/a }\n", $"stacks.shop\uFFFD: expected a stack's name: {Names}, 1 to 63 of them, beginning with a letter or digit" },
        { "stacks:\n  »shop: { branch: main }\n", "stacks.shop: 'repository' is missing" },
        { "stacks:\n  shop:»\n", "stacks.shop: expected a mapping (repository, auth, branch, tag, …), found nothing" },
        // repositories
        { "stacks: { shop: { repository: »github.com/a/b } }\n", "stacks.shop.repository: expected an https://, http://, ssh://, git:// or file:// URL, user@host:path, or an absolute path" },
        { "stacks: { shop: { repository: »'ftp://a/b' } }\n", "stacks.shop.repository: expected an https://, http://, ssh://, git:// or file:// URL, user@host:path, or an absolute path" },
        { "stacks: { shop: { repository: »'ext::sh -c x' } }\n", "stacks.shop.repository: a repository address has no spaces or line breaks" },
        { "stacks: { shop: { repository: »'git@-oProxyCommand=x:b' } }\n", "stacks.shop.repository: expected an https://, http://, ssh://, git:// or file:// URL, user@host:path, or an absolute path" },
        { "stacks: { shop: { repository: »'https://a' } }\n", "stacks.shop.repository: expected a host and the repository's path" },
        { "stacks: { shop: { repository: »'https://a/b?private_token=c' } }\n", "stacks.shop.repository: a repository address has no query ('?') and no fragment ('#')" },
        { "stacks: { shop: { repository: »'https://me:pw@a/b' } }\n", "stacks.shop.repository: a repository address must not hold a password or token; put it under 'auth' (token_file, token or ssh_key_file)" },
        { "stacks: { shop: { repository: »'https://ghp_token@a/b' } }\n", "stacks.shop.repository: a repository address must not hold a password or token; put it under 'auth' (token_file, token or ssh_key_file)" },
        { "stacks: { shop: { repository: »'ssh://me:pw@a/b' } }\n", "stacks.shop.repository: a repository address must not hold a password or token; put it under 'auth' (token_file, token or ssh_key_file)" },
        { "stacks: { shop: { repository: 'git@a:b', »auth: { token: c } } }\n", "stacks.shop.auth: a token is for an https:// repository, and this one is read over SSH; use 'ssh_key_file'" },
        { "stacks: { shop: { repository: 'git://a/b', »auth: { token: c } } }\n", "stacks.shop.auth: a token is for an https:// repository, and this one is read over git://" },
        { "stacks: { shop: { repository: /srv/b, »auth: { ssh_key_file: /c } } }\n", "stacks.shop.auth: an SSH key is for an ssh:// or user@host:path repository, and this one is on this host" },
        { "stacks: { shop: { repository: »'http://a/b', auth: { token: c } } }\n", "stacks.shop.repository: the token would go over the network unencrypted; use https://" },
        // stacks in each other's way
        { "stacks:\n  a: { repository: /srv/a, project: b }\n  »b: { repository: /srv/b }\n", "stacks.b: stack 'a' (line 2) already has this Compose project" },
        { "stacks:\n  a: { repository: /srv/a }\n  b: { repository: /srv/b, project: »a }\n", "stacks.b.project: stack 'a' (line 2) already has this Compose project" },
        { "stacks:\n  a: { repository: /srv/a, checkout: /home/x/ }\n  b: { repository: /srv/b, checkout: »/home/./x }\n", "stacks.b.checkout: stack 'a' (line 2) already has this checkout" },
        // notifiers
        { "stacks: { a: { repository: /a, notify: [»opps] } }\nnotifiers: { ops: { type: slack, url: 'https://b/' } }\n", "stacks.a.notify[0]: no notifier has this name; did you mean 'ops'?" },
        { "stacks: { a: { repository: /a } }\nnotifiers: { ops: { type: »discrod, url: 'https://b/' } }\n", "notifiers.ops.type: expected one of discord, slack, teams, mattermost, telegram, ntfy, gotify, matrix, mail, webhook, found 'discrod'; did you mean 'discord'?" },
        { "stacks: { a: { repository: /a } }\nnotifiers: { »ops: { type: slack } }\n", "notifiers.ops: one of 'url' or 'url_file' is missing" },
        { "stacks: { a: { repository: /a, notify: [ops] } }\nnotifiers: { »ops: { type: ntfy } }\n", "notifiers.ops: 'topic' is missing, which 'type: ntfy' needs" },
        { "stacks: { a: { repository: /a, notify: [ops] } }\nnotifiers: { ops: { type: slack, url: 'https://b/', »room: '!a:b' } }\n", "notifiers.ops.room: has no meaning with 'type: slack', which takes 'url', 'url_file' and 'on'" },
        { "stacks: { a: { repository: /a, notify: [ops] } }\nnotifiers: { ops: { type: mail, host: h, from: »me, to: [a@b] } }\n", "notifiers.ops.from: expected a mail address such as ops@example.org, found 'me'" },
        { "stacks: { a: { repository: /a, »commit_status: { type: gitea, token: x } } }\n", "stacks.a.commit_status: the repository's address names no forge: it is neither https:// nor ssh://" },
        { "stacks: { a: { repository: /a } }\nnotifiers: { ops: { type: slack, url: »'mailto:a@b' } }\n", "notifiers.ops.url: expected an http:// or https:// URL" },
        { "stacks: { a: { repository: /a } }\nnotifiers: { ops: { type: slack, url: 'https://b/', on: [failed, »rolledback] } }\n", "notifiers.ops.on[1]: expected one of failed, rolled-back, rollback-failed, quarantined, recovered, committed, rejected, expired, waiting, drift, suspended, resumed, agent-started, database-rebuilt, found 'rolledback'; did you mean 'rolled-back'?" },
        { "stacks: { a: { repository: /a } }\nnotifiers: { »'o s': { type: slack, url: 'https://b/' } }\n", "notifiers.o s: expected a notifier's name: letters, digits, '-', '_' and '.'" },
    };

    [Theory]
    [MemberData(nameof(MistakesInAFile))]
    public void A_mistake_in_a_file_is_told_with_its_place(string marked, string message) => AssertProblem(marked, message);

    [Fact]
    public void A_file_that_is_named_must_be_readable()
    {
        var (text, line, column) = WithoutMark(Shop("auth: { token_file: »shop.token }"));

        var result = ConfigurationLoader.Parse(text, "/etc/eclusier/eclusier.yaml", _ => null, path => $"{path} is not there");

        Assert.Equal(
            $"/etc/eclusier/eclusier.yaml:{line}:{column}: stacks.shop.auth.token_file: "
            + "expected a file that holds an access token, but /etc/eclusier/shop.token is not there, found 'shop.token'",
            Assert.Single(result.Problems).ToString());
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_the_file()
    {
        var result = Parse("""
            intervall: 3m
            stacks:
              Shop:
                repository: https://me:hunter2@git.example.org/shop.git
                branch: main
                tag: v*
                health:
                  timeout: 100
                  probes:
                    - tcp: localhost
                    - exec: { command: [] }
                on_failure: explode
                notify: [ops]
              blog:
                branch: ${NOWHERE}
                retain: none
            notifiers:
              opps: { type: discord, on: [filed] }

            """);

        Assert.Null(result.Settings);
        Assert.Equal(
            [
                "1:1: intervall: unknown key; did you mean 'interval'?",
                "3:3: stacks.Shop: expected a stack's name: lower-case letters, digits, '-' and '_', 1 to 63 of them, beginning with a letter or digit",
                "4:17: stacks.Shop.repository: a repository address must not hold a password or token; put it under 'auth' (token_file, token or ssh_key_file)",
                "6:5: stacks.Shop.tag: contradicts 'branch' in line 5; give only one of 'branch', 'tag' or 'commit'",
                "8:16: stacks.Shop.health.timeout: expected a duration such as 90s, 3m or 1h30m, found '100'; add a unit: ms, s, m, h or d",
                "10:16: stacks.Shop.health.probes[0].tcp: expected a host and a port such as 127.0.0.1:5432, found 'localhost'; the port is missing",
                "11:11: stacks.Shop.health.probes[1].exec: 'service' is missing",
                "11:28: stacks.Shop.health.probes[1].exec.command: expected at least one of words, found an empty list",
                "12:17: stacks.Shop.on_failure: expected 'rollback' or 'stop-and-report', found 'explode'",
                "13:14: stacks.Shop.notify[0]: no notifier has this name; did you mean 'opps'?",
                "14:3: stacks.blog: 'repository' is missing",
                "15:13: stacks.blog.branch: the environment has no variable NOWHERE; set it for eclusier, or write '$${' for a literal '${'",
                "16:13: stacks.blog.retain: expected a whole number from 0 to 1000, found 'none'",
                "18:3: notifiers.opps: one of 'url' or 'url_file' is missing",
                "18:31: notifiers.opps.on[0]: expected one of failed, rolled-back, rollback-failed, quarantined, recovered, committed, rejected, expired, waiting, drift, suspended, resumed, agent-started, database-rebuilt, found 'filed'; did you mean 'failed'?",
            ],
            result.Problems.Select(problem => problem.ToString().Replace("/etc/eclusier/eclusier.yaml:", "", StringComparison.Ordinal)));
    }

    internal static void AssertProblem(string marked, string message)
    {
        var (text, line, column) = WithoutMark(marked);

        var result = Parse(text);

        Assert.Null(result.Settings);
        Assert.Equal([$"/etc/eclusier/eclusier.yaml:{line}:{column}: {message}"], result.Problems.Select(problem => problem.ToString()));
    }
}
