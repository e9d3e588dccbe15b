using Eclusier.Api;
using Eclusier.Api.Access;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Dashboard;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Tests.Api;

/// <summary>A daemon of only the API: real Kestrel on a real socket, with a fake agent behind it.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly StringWriter _journal = new();

    private Daemon(string socket, string stateDirectory, FakeAgent agent, IReadOnlyList<string> stacks, string? alsoAt, string version, ApiSettings? settings, TimeProvider? timeProvider)
    {
        Socket = socket;
        Agent = agent;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddJournal(_journal, new JournalOptions(JournalStyle.Priorities), Feed, TimeProvider.System);
        builder.WebHost.UseUrls("http://127.0.0.1:0"); // as an environment variable might ask for
        builder.ListenOnSocket(socket, AgentSocket.ForOwner);
        if (alsoAt is not null)
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPEndPoint.Parse(alsoAt)));
        }

        builder.Services.AddSingleton<AgentFor>((caller, reason) => new AuditedAgent(agent, Audit, caller, reason, timeProvider ?? Time, NullLogger<AuditedAgent>.Instance));
        builder.Services.AddSingleton(timeProvider ?? Time);
        builder.Services.AddSingleton(Feed);
        builder.Services.AddSingleton(new Readiness(_ => Task.CompletedTask, () => { }, TimeProvider.System));
        builder.Services.AddSingleton<ITokenStore>(Tokens);
        builder.Services.AddAccess(settings ?? new ApiSettings());
        builder.Services.AddSingleton<DescribeAgent>(() => new AgentIdentity(version, stateDirectory, stacks));
        builder.Services.AddSingleton<ReadAgain>(() => new ConfigurationReading(null, ["eclusier.yaml:1:1: a mistake"], []));
        builder.Services.AddAgentApi();
        builder.Services.AddDashboard();
        _application = builder.Build();
        _application.UseAccess();
        _application.MapHealth();
        _application.MapAgentApi();
        _application.MapDashboard();
    }

    public string Socket { get; }

    public FakeAgent Agent { get; }

    /// <summary>What is logged of a stack.</summary>
    public ProgressFeed Feed { get; } = new(TimeProvider.System);

    public IReadOnlyList<RouteEndpoint> Endpoints => [.. _application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public ILogger Logger => _application.Logger;

    /// <summary>The present, until a test puts it forward.</summary>
    public ForwardClock Time { get; } = new();

    public InMemoryTokens Tokens { get; } = new();

    public InMemoryAudit Audit { get; } = new();

    public string Journal => _journal.ToString();

    public ICollection<string> Addresses => _application.Urls;

    public static async Task<Daemon> StartAsync(string socket, FakeAgent? agent = null, string stateDirectory = "/var/lib/eclusier", IReadOnlyList<string>? stacks = null, string? alsoAt = null, string version = "1.2.3", ApiSettings? settings = null, TimeProvider? timeProvider = null)
    {
        var daemon = new Daemon(socket, stateDirectory, agent ?? new FakeAgent(), stacks ?? ["shop", "blog"], alsoAt, version, settings, timeProvider);
        await daemon._application.StartAsync(TestContext.Current.CancellationToken);
        return daemon;
    }

    public Task StopAsync() => _application.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        await _journal.DisposeAsync();
    }
}

/// <summary>The system's clock, put forward by as much as a test wants.</summary>
internal sealed class ForwardClock : TimeProvider
{
    private TimeSpan ahead;

    public void Advance(TimeSpan by) => ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(ahead.TotalSeconds * TimestampFrequency);
}
