using Eclusier.Commands;
using Eclusier.Operations;

namespace Eclusier.Tests.Commands;

public sealed class StackChoiceSpecs
{
    [Theory]
    [InlineData("deploy", "deploy shop")]
    [InlineData("deploy --force", "deploy shop force")]
    [InlineData("plan", "plan shop")]
    [InlineData("status", "status shop")]
    [InlineData("history", "history shop 20")]
    [InlineData("history --limit 3", "history shop 3")]
    [InlineData("show 41", "show shop 41")]
    [InlineData("show #41", "show shop 41")]
    [InlineData("show shop/41", "show shop 41")]
    [InlineData("show shop#41", "show shop 41")]
    [InlineData("show 41 --stack shop", "show shop 41")]
    [InlineData("rollback", "rollback shop previous")]
    [InlineData("rollback --to 40", "rollback shop 40")]
    [InlineData("rollback --to #40", "rollback shop 40")]
    [InlineData("retry", "retry shop")]
    [InlineData("suspend --reason holidays", "suspend shop: holidays")]
    [InlineData("suspend shop --reason @home", "suspend shop: @home")]
    [InlineData("resume", "resume shop")]
    [InlineData("stats", "stats")]
    [InlineData("logs", "logs shop 100")]
    [InlineData("logs --lines 5", "logs shop 5")]
    public async Task The_only_stack_need_not_be_named(string line, string call)
    {
        using var bench = new Bench();
        await bench.RunAsync(line.Split(' '));

        Assert.Equal([call], bench.Agent.Calls);
        Assert.Equal(1, bench.Closed); // what was opened is closed
    }

    [Theory]
    [InlineData("deploy", "deploy shop|deploy blog")]
    [InlineData("plan", "plan shop|plan blog")]
    [InlineData("status", "status")]
    [InlineData("history", "history * 20")]
    [InlineData("deploy blog", "deploy blog")]
    [InlineData("status blog", "status blog")]
    [InlineData("show blog/41", "show blog 41")]
    [InlineData("show 41 --stack blog", "show blog 41")]
    public async Task Without_a_name_some_commands_are_about_all(string line, string calls)
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };
        await bench.RunAsync(line.Split(' '));

        Assert.Equal(calls.Split('|'), bench.Agent.Calls);
    }

    [Theory]
    [InlineData("rollback")]
    [InlineData("retry")]
    [InlineData("resume")]
    [InlineData("suspend --reason x")]
    [InlineData("logs")]
    [InlineData("show 41")]
    public async Task The_others_ask_for_a_name_when_there_are_several(string line)
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync(line.Split(' ')));
        Assert.EndsWith("error: there are several stacks, name one of them: shop, blog\n", bench.Error);
        Assert.Empty(bench.Agent.Calls);
    }

    [Theory]
    [InlineData("shp", "error: there is no stack 'shp', did you mean 'shop'? stacks: shop, blog\n")]
    [InlineData("warehouse", "error: there is no stack 'warehouse'; stacks: shop, blog\n")]
    public async Task An_unknown_name_is_answered_with_the_nearest_and_all(string name, string message)
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("deploy", name));
        Assert.EndsWith(message, bench.Error);
    }

    [Fact]
    public async Task A_release_of_one_stack_is_not_looked_for_in_another()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("show", "shop#41", "--stack", "blog"));
        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("rollback", "blog", "--to", "shop#41"));
        Assert.Empty(bench.Agent.Calls);
    }

    [Fact]
    public async Task One_broken_stack_does_not_keep_the_others_from_being_deployed_and_its_exit_code_wins()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };
        bench.Agent.Outcome = stack => stack.Value == "shop"
            ? throw new IOException("the disk is full")
            : new OutcomeReport(stack.Value, "committed", "release #3 is last known good", null);

        Assert.Equal(ExitCodes.Unknown, await bench.RunAsync("deploy"));
        Assert.Equal("shop: unavailable: the disk is full\nblog: committed: release #3 is last known good\n", bench.Output);
    }

    [Fact]
    public async Task Without_stacks_there_is_nothing_to_deploy()
    {
        using var bench = new Bench { Stacks = [] };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("deploy"));
        Assert.EndsWith("error: no stack is configured\n", bench.Error);
    }
}
