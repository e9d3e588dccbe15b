using Eclusier.Adapters.Diagnosis;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Diagnosis;

namespace Eclusier.Adapters.Tests.Diagnosis;

/// <summary>What is made of systemd's answers; they were taken from systemd 252.</summary>
public sealed class UnitCheckSpecs
{
    [Theory]
    [InlineData("User=\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=", CheckLevel.Warning, "`eclusier service install`")]
    [InlineData("User=\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled", CheckLevel.Ok, null)]
    [InlineData("User=\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=disabled", CheckLevel.Warning, "`systemctl enable eclusier.service`")]
    [InlineData("User=\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled", CheckLevel.Warning, "`systemctl start eclusier.service`")]
    [InlineData("User=\nLoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled", CheckLevel.Problem, "`journalctl -u eclusier.service -n 50` says why")]
    [InlineData("User=\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nUnitFileState=enabled", CheckLevel.Problem, "`journalctl -u eclusier.service -n 50` says why")]
    public async Task The_units_state(string answer, CheckLevel level, string? remedy)
    {
        var found = await LookAsync(answer.Replace("User=\n", $"User={Environment.UserName}\n", StringComparison.Ordinal));

        Assert.Equal((level, remedy), (found.Single().Level, found.Single().Remedy));
    }

    [Fact]
    public async Task A_daemon_of_another_user_has_other_logins()
    {
        var found = await LookAsync("User=keeper\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n");

        Assert.Equal("`sudo -u keeper eclusier doctor`", found.Single(one => one.Level == CheckLevel.Warning).Remedy);
    }

    [Fact]
    public async Task Without_systemd_nothing_is_asked() => Assert.Equal(CheckLevel.Ok, (await new UnitCheck(new Systemctl("")
    {
        Fails = true,
    }, "/no/such/folder").LookAsync(TestContext.Current.CancellationToken)).Single().Level);

    private static Task<IReadOnlyList<CheckResult>> LookAsync(string answer) => new UnitCheck(new Systemctl(answer), "/").LookAsync(TestContext.Current.CancellationToken);

    private sealed class Systemctl(string answer) : IProcessRunner
    {
        public bool Fails { get; init; }

        public Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken) => Fails
            ? throw new InvalidOperationException($"nobody was to run {spec}")
            : Task.FromResult(new ProcessResult(0, answer, "", TimeSpan.Zero));
    }
}
