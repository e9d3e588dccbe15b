using Eclusier.Commands;

namespace Eclusier.Tests.Commands;

public sealed class ConfigurationSpecs
{
    private const string Problem = "/etc/eclusier/eclusier.yaml:3:5: stacks.shop.brnch: unknown key, did you mean 'branch'?";

    [Fact]
    public async Task A_valid_configuration_is_said_to_be_so()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"], Warnings = { "/etc/eclusier/eclusier.yaml:9:3: soak: is longer than timeout" } };

        Assert.Equal(ExitCodes.Done, await bench.RunAsync("config", "check"));
        Assert.Equal("/etc/eclusier/eclusier.yaml is valid; stacks: shop, blog\n", bench.Output);
        Assert.Equal("warning: /etc/eclusier/eclusier.yaml:9:3: soak: is longer than timeout\n", bench.Error);
    }

    [Fact]
    public async Task Problems_are_listed_as_editors_read_them()
    {
        using var bench = new Bench { Problems = { Problem } };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("config", "check"));
        Assert.Equal("", bench.Output);
        Assert.Equal(Problem + "\n", bench.Error);
    }

    [Theory]
    [InlineData("monitor")]
    [InlineData("deploy")]
    [InlineData("status")]
    public async Task Nothing_is_done_with_a_configuration_that_has_problems(string command)
    {
        using var bench = new Bench { Problems = { Problem } };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync(command));
        Assert.Equal($"error: the configuration cannot be used:\n{Problem}\n", bench.Error);
        Assert.Empty(bench.Opened);
        Assert.Empty(bench.Monitored);
    }

    [Fact]
    public async Task The_monitor_gets_the_settings_and_says_what_the_configuration_warns_of()
    {
        using var bench = new Bench { Warnings = { "odd" } };

        Assert.Equal(ExitCodes.Done, await bench.RunAsync("monitor"));
        Assert.Equal(ExitCodes.Done, await bench.RunAsync("monitor", "--once"));
        Assert.Equal(["1 stacks", "1 stacks once"], bench.Monitored);
        Assert.Equal("warning: odd\nwarning: odd\n", bench.Error);
    }

    [Theory]
    [InlineData("status", "status read-only")]
    [InlineData("history", "history read-only")]
    [InlineData("show 41", "show read-only")]
    [InlineData("stats", "stats read-only")]
    [InlineData("logs", "logs read-only")]
    [InlineData("plan", "plan")]
    [InlineData("deploy", "deploy")]
    [InlineData("rollback", "rollback")]
    [InlineData("retry", "retry")]
    [InlineData("suspend --reason x", "suspend")]
    [InlineData("resume", "resume")]
    public async Task Only_commands_that_change_something_take_the_lock(string line, string opened)
    {
        using var bench = new Bench();
        await bench.RunAsync(line.Split(' '));

        Assert.Equal([opened], bench.Opened);
    }
}
