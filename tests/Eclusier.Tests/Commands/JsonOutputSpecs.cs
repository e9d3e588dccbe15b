using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Commands;
using Eclusier.Operations;

namespace Eclusier.Tests.Commands;

public sealed class JsonOutputSpecs
{
    /// <summary>Scripts depend on these names: a difference is a broken promise, unless something was only added.</summary>
    [Theory]
    [InlineData("status")]
    [InlineData("history")]
    [InlineData("show 41")]
    [InlineData("plan")]
    [InlineData("deploy")]
    [InlineData("rollback")]
    [InlineData("retry")]
    [InlineData("suspend --reason holidays")]
    [InlineData("resume")]
    [InlineData("stats")]
    [InlineData("notify test")]
    [InlineData("logs")]
    [InlineData("config check")]
    [InlineData("token list")]
    [InlineData("token create ci --role operate --expires 90d")]
    [InlineData("token revoke ci")]
    [InlineData("audit")]
    [InlineData("doctor")]
    [InlineData("init --output-file -")]
    public async Task The_documents_are_as_promised(string line)
    {
        using var bench = new Bench { Warnings = { "odd" } };
        bench.Agent.Outcome = stack => new OutcomeReport(stack.Value, "rolled-back", "release #42's web exited with 1", Some.Deployment);
        await bench.RunAsync([.. line.Split(' '), "--output", "json"]);

        var promised = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Commands", "documents.json"), TestContext.Current.CancellationToken);
        var expected = JsonNode.Parse(promised)!.AsObject()[line]!.ToJsonString();
        Assert.EndsWith("\n", bench.Output);
        Assert.DoesNotContain('\n', bench.Output.TrimEnd('\n')); // one document, on one line
        Assert.Equal(expected, JsonNode.Parse(bench.Output)!.ToJsonString());
    }

    [Fact]
    public async Task Followed_logs_are_a_line_each()
    {
        using var bench = new Bench();
        using var interruption = new CancellationTokenSource();
        var running = bench.RunUntilAsync(interruption.Token, "logs", "-f", "--output", "json");
        await bench.Agent.LogsFollowed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await interruption.CancelAsync();
        await running;

        Assert.Equal("""
            {"at":"2026-10-03T14:02:09+00:00","source":"shop-web-1","text":"GET /"}
            {"at":"2026-10-03T14:02:10+00:00","source":"eclusier","text":"Committed #41"}

            """, bench.Output);
    }

    [Fact]
    public async Task Text_stays_readable()
    {
        using var bench = new Bench();
        bench.Agent.Outcome = stack => new OutcomeReport(stack.Value, "committed", "Éclusier's <cart> & \"more\"", null);
        await bench.RunAsync("deploy", "--output", "json");

        Assert.Equal("""{"outcomes":[{"stack":"shop","outcome":"committed","message":"Éclusier's <cart> & \"more\""}]}""" + "\n", bench.Output);
    }

    [Fact]
    public async Task An_error_is_a_document_too()
    {
        using var bench = new Bench { LocalFails = new AgentBusyException("the state is locked by deploy (pid 812)") };

        Assert.Equal(ExitCodes.Blocked, await bench.RunAsync("deploy", "--output", "json"));
        Assert.Equal("""{"error":{"code":"busy","message":"the state is locked by deploy (pid 812): wait until it is done, or stop it"}}""" + "\n", bench.Output);
        Assert.StartsWith("error: the state is locked", bench.Error);
    }

    [Fact]
    public async Task A_stack_without_a_plan_is_named_beside_the_others()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };
        bench.Agent.Plan = stack => stack.Value == "shop" ? throw new RequestException("unset variable TAG") : Some.Plan with { Stack = "blog" };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("plan", "--output", "json"));
        using var document = JsonDocument.Parse(bench.Output);
        Assert.Equal("blog", document.RootElement.GetProperty("plans")[0].GetProperty("stack").GetString());
        Assert.Equal("""[{"stack":"shop","message":"unset variable TAG"}]""", document.RootElement.GetProperty("errors").GetRawText());
    }
}
