using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>Many stacks in one agent: what it holds and uses with 1, 100 and 1,000, how its questions spread, and how long a push that changes many takes.</summary>
internal sealed class ScaleMeasurements(Options options, Findings findings, Screen screen)
{
    private const string Secret = "0123456789abcdef";
    private const double MillisecondsOfMinute = 60_000;

    /// <summary>Stacks begin 50 a second; then a moment for what the first looks left over.</summary>
    private static readonly TimeSpan AfterFirstLooks = TimeSpan.FromSeconds(5);

    private TimeSpan Interval => TimeSpan.FromSeconds(options.IsQuick ? 20 : 60);

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var (stacks, repositories, sharing) = options.IsQuick ? (60, 12, 20) : (1000, 200, 100);
        await using var fleet = await Fleet.SetUpAsync(stacks, repositories, sharing);
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}/");
        screen.Say($"{repositories} repositories are made");
        foreach (var count in options.IsQuick ? new[] { 1, stacks } : [1, 100, stacks])
        {
            await DeployAsync(fleet, count, cancellationToken);
            Configure(fleet, address, count);
            await fleet.Host.StartAsync();
            await MeasureIdleAsync(fleet, count, cancellationToken);
            if (count < stacks)
            {
                await fleet.Host.StopAsync();
            }
        }

        await MeasurePushAsync(fleet, address, sharing, cancellationToken);

        if (fleet.Engine.NotUnderstood.Count > 0)
        {
            throw new InvalidOperationException($"the fake engine was asked for what it has not: {fleet.Engine.NotUnderstood[0]}");
        }
    }

    /// <summary>As a person would have it done who sets up a new host: with more deployments at a time than later.</summary>
    private async Task DeployAsync(Fleet fleet, int count, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var before = fleet.Engine.Running;
        var from = fleet.Host.Journal.Count;
        fleet.Configure("interval: 1h\nmax_parallel_deployments: 8", count: count);
        await fleet.Host.StartAsync();
        await fleet.AwaitCommittedAsync(count - before, TimeSpan.FromMinutes(10), cancellationToken, from);
        await fleet.Host.StopAsync();
        screen.Say($"{count - before} stacks were deployed for the first time in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; the database has {DatabaseKibibytes(fleet):0} KiB");
    }

    private void Configure(Fleet fleet, Uri address, int count) =>
        fleet.Configure($"interval: {Interval.TotalSeconds:0}s\nmax_parallel_deployments: 4\napi: {{ listen: '{address.Authority}' }}\nwebhooks: {{ forge: {{ secret: {Secret} }} }}", count: count);

    private async Task MeasureIdleAsync(Fleet fleet, int count, CancellationToken cancellationToken)
    {
        await Task.Delay((count * TimeSpan.FromMilliseconds(20)) + AfterFirstLooks, cancellationToken);
        var (cpu, size) = (ProcessCost.CpuMilliseconds(fleet.Host.DaemonId), DatabaseKibibytes(fleet));
        var (asked, before) = (fleet.Git.Received.Count, fleet.Engine.Requests);
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(Interval, cancellationToken);
        var lasted = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var used = (ProcessCost.CpuMilliseconds(fleet.Host.DaemonId) - cpu) * MillisecondsOfMinute / lasted;
        var memory = ProcessCost.ReadMemory(fleet.Host.DaemonId);
        var questions = fleet.Git.Received.Skip(asked).Select(request => request.At).ToList();
        var calls = fleet.Engine.Requests.Select(kind => (Kind: kind.Key, Count: kind.Value - before.GetValueOrDefault(kind.Key))).Where(kind => kind.Count > 0).ToList();
        var title = count == 1 ? "1 stack" : $"{count:N0} stacks";
        screen.Say($"{title}: {memory.Resident:0.0} MiB, {used:0} ms CPU a minute, {questions.Count} questions to the git server and {calls.Sum(kind => kind.Count)} to the engine{string.Concat(calls.Select(kind => $", {kind.Count} {kind.Kind},"))} in {lasted / 1000:0} s, the database grew by {DatabaseKibibytes(fleet) - size:0} KiB");
        var isLarge = count >= 1000;
        findings.Add(
            Finding.Size($"daemon with {title}, resident", memory.Resident, isLarge ? 96 : null),
            Finding.Size($"daemon with {title}, of it private", memory.Dirty),
            new Finding($"daemon with {title} at an interval of {Interval.TotalSeconds:0} s, CPU a minute", $"{used:0} ms", "", $"{used / MillisecondsOfMinute:0.0 %} of a core", used / MillisecondsOfMinute, isLarge ? 0.02 : null) { TargetText = isLarge ? "≤ 2 % of a core" : "" });
        if (count > 1)
        {
            findings.Add(
                new Finding($"questions to the git server with {title}, a minute", $"{questions.Count * MillisecondsOfMinute / lasted:0}", $"{count * (TimeSpan.FromMinutes(1) / Interval):0} looks", ""),
                new Finding("of them in the busiest tenth of the interval", $"{Busiest(questions, Interval / 10):0 %}", "10 % when even", ""));
        }
    }

    /// <summary>One webhook, as a forge sends it; all stacks of the repository are deployed.</summary>
    private async Task MeasurePushAsync(Fleet fleet, Uri address, int sharing, CancellationToken cancellationToken)
    {
        var stacks = fleet.StacksOf(0);
        var (from, asked, calls) = (fleet.Host.Journal.Count, fleet.Git.Received.Count, fleet.Engine.MostAtOnce);
        var cpu = ProcessCost.CpuMilliseconds(fleet.Host.DaemonId);
        var image = fleet.PushVersion(0, "second");
        var began = Stopwatch.GetTimestamp();
        using var client = new HttpClient();
        var body = Encoding.UTF8.GetBytes($$$"""{"ref":"refs/heads/main","repository":{"clone_url":"{{{fleet.Git.UrlOf(fleet.Repositories[0])}}}"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "hooks/forge")) { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body))}");
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await Wait.ForAsync("one runs the new version", TimeSpan.FromMinutes(1), () => stacks.Count(stack => fleet.Engine.ImagesOf(stack).Contains(image)), count => count > 0, cancellationToken);
        var first = Stopwatch.GetElapsedTime(began);
        await fleet.AwaitCommittedAsync(sharing, TimeSpan.FromMinutes(5), cancellationToken, from);
        var all = Stopwatch.GetElapsedTime(began);
        var fetches = fleet.Git.Received.Skip(asked).Count(one => one.BeginsFetch);
        var used = ProcessCost.CpuMilliseconds(fleet.Host.DaemonId) - cpu;
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        var memory = ProcessCost.ReadMemory(fleet.Host.DaemonId);
        screen.Say($"{sharing} stacks changed by one push: the first runs it after {first.TotalSeconds:0.0} s, all are committed after {all.TotalSeconds:0.0} s; {fetches} fetch, {used:0} ms CPU with all programs; {fleet.Engine.MostAtOnce} calls to the engine at once at most");
        findings.Add(
            new Finding($"a push that changes {sharing} of them, 4 at a time: webhook to the first", $"{first.TotalSeconds:0.0} s", "", ""),
            new Finding("the same, to the last commit", $"{all.TotalSeconds:0.0} s", "", ""),
            new Finding("the same, fetches", $"{fetches}", "", "", fetches, 1) { TargetText = "1" },
            new Finding("the same, CPU of the daemon and its programs per stack", $"{used / sharing:0} ms", "", ""),
            Finding.Size("daemon after it, resident", memory.Resident));
    }

    private static double Busiest(List<long> times, TimeSpan window) =>
        times.Count == 0 ? 0 : times.Max(begin => times.Count(time => time >= begin && Stopwatch.GetElapsedTime(begin, time) < window)) / (double)times.Count;

    private static double DatabaseKibibytes(Fleet fleet) =>
        new FileInfo(Path.Combine(fleet.Host.StateDirectory, "eclusier.db")).Length / 1024.0; // what is in it for good; the write-ahead log beside it is written over again and again
}
