using System.Net;
using System.Net.Sockets;
using Eclusier.Adapters.Probes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Adapters.Tests.Probes;

public sealed class HealthProbesSpecs
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_200_passes()
    {
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync("fine"));

        Assert.Equal(new ProbeResult(true, "HTTP 200"), await ProbeAsync(new Probe.Http(server.Address)));
    }

    [Theory]
    [InlineData(204, true)]
    [InlineData(299, true)]
    [InlineData(304, true)]
    [InlineData(300, false)]
    public async Task The_wanted_statuses_pass(int status, bool passes)
    {
        await using var server = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var result = await ProbeAsync(new Probe.Http(server.Address) { Status = [new StatusRange(200, 299), new StatusRange(304, 304)] });

        Assert.Equal(new ProbeResult(passes, $"HTTP {status}"), result);
    }

    [Fact]
    public async Task Another_status_fails_with_the_beginning_of_the_body_in_one_line()
    {
        await using var server = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync("out of\r\n\tmemory\u001b " + new string('x', 300));
        });

        var result = await ProbeAsync(new Probe.Http(server.Address));

        Assert.False(result.Passed);
        Assert.Equal($"HTTP 500: out of memory {new string('x', 200 - "out of memory ".Length)}…", result.Detail);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        await using var server = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/" ? 302 : 200;
            context.Response.Headers.Location = "/login";
            return Task.CompletedTask;
        });

        Assert.Equal(new ProbeResult(false, "HTTP 302"), await ProbeAsync(new Probe.Http(server.Address)));
        Assert.True((await ProbeAsync(new Probe.Http(server.Address) { Status = [new StatusRange(302, 302)] })).Passed);
    }

    [Fact]
    public async Task The_body_must_hold_the_wanted_text()
    {
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync("""{"status":"starting"}"""));

        Assert.True((await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "\"starting\"" })).Passed);
        Assert.Equal(
            new ProbeResult(false, """HTTP 200, but '"up"' is not in the body: {"status":"starting"}"""),
            await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "\"up\"" }));
    }

    [Fact]
    public async Task Only_the_first_64_KiB_of_a_body_are_read()
    {
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync(new string('x', 65_000) + "near" + new string('x', 1000) + "far"));

        Assert.True((await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "near" })).Passed);
        Assert.False((await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "far" })).Passed);
    }

    [Fact]
    public async Task An_endless_body_passes_by_its_status_and_by_its_first_words()
    {
        await using var server = await LabServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("event: ready");
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted);
        });

        Assert.True((await ProbeAsync(new Probe.Http(server.Address))).Passed);
        Assert.True((await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "ready" })).Passed);
        Assert.Equal(
            "HTTP 200, but 'steady' is not in the body: event: ready",
            (await ProbeAsync(new Probe.Http(server.Address) { BodyContains = "steady", Timeout = TimeSpan.FromSeconds(1) })).Detail);
    }

    [Fact]
    public async Task Method_and_headers_are_sent()
    {
        var seen = "";
        await using var server = await LabServer.StartAsync(context =>
        {
            var headers = context.Request.Headers;
            seen = $"{context.Request.Method} {headers.Host} {headers["X-Key"]} {headers.ContentType} {headers.UserAgent} {headers.Cookie}";
            context.Response.Headers.SetCookie = "a=b";
            return Task.CompletedTask;
        });
        var probe = new Probe.Http(server.Address)
        {
            Method = "POST",
            Headers = new Dictionary<string, string> { ["Host"] = "shop.example", ["X-Key"] = "k", ["Content-Type"] = "text/plain", ["User-Agent"] = "me" },
        };

        await ProbeAsync(probe);
        await ProbeAsync(probe);

        Assert.Equal("POST shop.example k text/plain me ", seen);
    }

    [Fact]
    public async Task A_header_that_the_server_sends_back_is_not_shown()
    {
        await using var server = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync($"{new string('-', 185)} bad token hunter2-hunter2; you sent {context.Request.Headers.Authorization}");
        });

        var result = await ProbeAsync(new Probe.Http(server.Address) { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer hunter2-hunter2" } });

        Assert.Contains("***", result.Detail);
        Assert.DoesNotContain("hunter", result.Detail);
    }

    [Fact]
    public async Task Each_attempt_takes_a_new_connection()
    {
        var connections = new HashSet<string>();
        await using var server = await LabServer.StartAsync(context =>
        {
            connections.Add(context.Connection.Id);
            return Task.CompletedTask;
        });
        var probes = Probes();

        await probes.ProbeAsync(Stack(), new Probe.Http(server.Address), Cancelled);
        await probes.ProbeAsync(Stack(), new Probe.Http(server.Address), Cancelled);

        Assert.Equal(2, connections.Count);
    }

    [Fact]
    public async Task Nothing_listening_fails_as_connection_refused()
    {
        var port = FreePort.Take();

        Assert.Equal(new ProbeResult(false, "connection refused"), await ProbeAsync(new Probe.Http(new Uri($"http://127.0.0.1:{port}/"))));
        Assert.Equal(new ProbeResult(false, "connection refused"), await ProbeAsync(new Probe.Tcp("127.0.0.1", port)));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_fails()
    {
        Assert.Matches("^the name (does not resolve|cannot be resolved now)", (await ProbeAsync(new Probe.Http(new Uri("http://shop.invalid/")))).Detail);
        Assert.Matches("^the name (does not resolve|cannot be resolved now)", (await ProbeAsync(new Probe.Tcp("shop.invalid", 80))).Detail);
    }

    [Fact]
    public async Task No_answer_fails_when_the_attempts_time_is_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var result = await ProbeAsync(new Probe.Http(new Uri($"http://{listener.LocalEndpoint}/")) { Timeout = TimeSpan.FromSeconds(0.5) });

        Assert.Equal(new ProbeResult(false, "no answer within 0.5s"), result);
    }

    [Fact]
    public async Task Cancelling_is_no_result()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Probes().ProbeAsync(Stack(), new Probe.Http(new Uri($"http://{listener.LocalEndpoint}/")), stop.Token));
    }

    [Fact]
    public async Task A_connection_that_is_closed_without_an_answer_fails()
    {
        await using var server = await LabServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Matches("^(the connection was closed|connection reset)", (await ProbeAsync(new Probe.Http(server.Address))).Detail);
    }

    [Fact]
    public async Task An_open_port_passes()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Equal(new ProbeResult(true, "connected"), await ProbeAsync(new Probe.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port)));
    }

    [Theory]
    [InlineData("localhost", 10, "certificate: self-signed")]
    [InlineData("localhost", -10, "certificate: expired on ")]
    [InlineData("shop.example", 10, "certificate: name mismatch: it is for shop.example, not for localhost, self-signed")]
    public async Task A_certificate_that_is_not_accepted_is_named_unless_any_will_do(string name, int days, string says)
    {
        using var certificate = LabServer.CreateCertificate("lab", TimeSpan.FromDays(days), authority: null, name);
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync("fine"), certificate);
        var probe = new Probe.Http(new Uri($"https://localhost:{server.Port}/"));

        var result = await ProbeAsync(probe);
        Assert.False(result.Passed);
        Assert.StartsWith(says, result.Detail);

        Assert.Equal(new ProbeResult(true, "HTTP 200"), await ProbeAsync(probe with { AcceptsAnyCertificate = true }));
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_named()
    {
        using var authority = LabServer.CreateCertificate("lab authority", TimeSpan.FromDays(2));
        using var certificate = LabServer.CreateCertificate("lab", TimeSpan.FromDays(1), authority, "localhost");
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync("fine"), certificate);

        Assert.Equal(
            new ProbeResult(false, "certificate: issued by an authority that is not trusted here (CN=lab authority)"),
            await ProbeAsync(new Probe.Http(new Uri($"https://localhost:{server.Port}/"))));
    }

    [Fact]
    public async Task Plain_http_behind_an_https_address_fails_as_a_failed_handshake()
    {
        await using var server = await LabServer.StartAsync(context => context.Response.WriteAsync("fine"));

        Assert.StartsWith("the TLS handshake failed", (await ProbeAsync(new Probe.Http(new Uri($"https://localhost:{server.Port}/")))).Detail);
    }

    [Fact]
    public async Task A_command_with_exit_code_0_passes_in_the_first_running_container_of_the_service()
    {
        var engine = new FakeEngine(
            FakeEngine.Container("web", id: "web-1"),
            FakeEngine.Container("db", isOneOff: true, id: "db-run"),
            FakeEngine.Container("db", "exited", id: "db-1"),
            FakeEngine.Container("db", id: "db-2"));
        var ran = "";
        engine.OnExec = (command, _) =>
        {
            ran = command;
            return Task.FromResult(new ExecResult(0, "ready\n"));
        };

        var result = await Probes(engine).ProbeAsync(Stack(), new Probe.Exec("db", ["./check", "--ready"]), Cancelled);

        Assert.Equal(new ProbeResult(true, "exit code 0: ready"), result);
        Assert.Equal("db-2: ./check --ready", ran);
    }

    [Fact]
    public async Task A_command_with_another_exit_code_fails_with_its_output()
    {
        var engine = new FakeEngine(FakeEngine.Container("db")) { OnExec = (_, _) => Task.FromResult(new ExecResult(2, "no\nconnection")) };

        Assert.Equal(new ProbeResult(false, "exit code 2: no connection"), await Probes(engine).ProbeAsync(Stack(), new Probe.Exec("db", ["x"]), Cancelled));
    }

    [Fact]
    public async Task A_service_that_does_not_run_fails() =>
        Assert.Equal(
            new ProbeResult(false, "no container of db is running"),
            await Probes(new FakeEngine(FakeEngine.Container("db", "restarting"))).ProbeAsync(Stack(), new Probe.Exec("db", ["x"]), Cancelled));

    [Fact]
    public async Task A_container_that_stops_meanwhile_fails()
    {
        var engine = new FakeEngine(FakeEngine.Container("db")) { OnExec = (_, _) => throw FailureException.Rejected("container db is not running") };

        Assert.Equal(new ProbeResult(false, "container db is not running"), await Probes(engine).ProbeAsync(Stack(), new Probe.Exec("db", ["x"]), Cancelled));
    }

    [Fact]
    public async Task A_command_that_takes_too_long_fails_while_the_engine_answers_and_says_nothing_when_it_does_not()
    {
        var engine = new FakeEngine(FakeEngine.Container("db"))
        {
            OnExec = async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return new ExecResult(0, "");
            },
        };
        var probe = new Probe.Exec("db", ["x"]) { Timeout = TimeSpan.FromMilliseconds(200) };

        Assert.Equal(new ProbeResult(false, "no answer within 0.2s"), await Probes(engine).ProbeAsync(Stack(), probe, Cancelled));

        engine.Answers = false;
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => Probes(engine).ProbeAsync(Stack(), probe, Cancelled))).Kind);
    }

    [Fact]
    public async Task An_engine_that_cannot_be_reached_is_no_result()
    {
        var engine = new FakeEngine(FakeEngine.Container("db")) { OnExec = (_, _) => throw FailureException.Transient("the engine does not answer") };

        await Assert.ThrowsAsync<FailureException>(() => Probes(engine).ProbeAsync(Stack(), new Probe.Exec("db", ["x"]), Cancelled));
    }

    private static HealthProbes Probes(IEngine? engine = null) => new(engine ?? new FakeEngine(), TimeProvider.System);

    private static Task<ProbeResult> ProbeAsync(Probe probe) => Probes().ProbeAsync(Stack(), probe, Cancelled);

    private static Stack Stack() => new(StackName.Parse("shop"), new Source("https://example.org/shop.git", new RevisionSelector.Branch("main")));
}
