using Eclusier.Commands;

namespace Eclusier.Tests.Commands;

/// <summary>Tokens and the audit, at the command line.</summary>
public sealed class TokenCommandSpecs
{
    [Fact]
    public async Task A_new_token_is_all_that_goes_to_the_standard_output()
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Done, await bench.RunAsync("token", "create", "ci", "--role", "operate", "--expires", "90d"));

        Assert.Equal("ecl_the-text\n", bench.Output);
        Assert.Contains("ci may see everything, deploy and roll back, until 2027-01-01 14:02:11; the token is shown this once:", bench.Error);
        Assert.Equal(["token create ci Operate 2027-01-01"], bench.Agent.Calls);
        Assert.Equal(["token create read-only"], bench.Opened); // beside a daemon that works, too
    }

    [Theory]
    [InlineData("token create ci", "--role")]
    [InlineData("token create ci --role root", "root")]
    [InlineData("token create ci --role read --expires soon", "--expires takes a duration such as 90d or 12h, not 'soon'")]
    [InlineData("token create ci --role read --expires 0s", "--expires takes a duration such as 90d or 12h, not '0s'")]
    [InlineData("token create ci --role read --expires 9999999d", "--expires takes a duration such as 90d or 12h, not '9999999d'")]
    [InlineData("token revoke nobody", "there is no token 'nobody'; there are: ci, ann")]
    public async Task What_is_wrong_is_said(string line, string message)
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync(line.Split(' ')));
        Assert.Contains(message, bench.Error);
        Assert.Equal("", bench.Output);
    }

    [Fact]
    public async Task Tokens_are_listed()
    {
        using var bench = new Bench();
        await bench.RunAsync("token", "list");

        Assert.Equal("""
            NAME  ROLE     MADE                 LAST USED  ENDS
            ann   admin    2026-09-03 14:02:11  1 h ago    never
            ci    operate  2026-07-05 14:02:11  never      2026-10-02 14:02:11, it is over

            """, bench.Output);
    }

    [Fact]
    public async Task The_audit_tells_who_had_what_done()
    {
        using var bench = new Bench();
        await bench.RunAsync("audit", "--limit", "7");

        Assert.Equal("""
            WHEN                 WHO    FROM       WHAT                 WHY         RESULT
            2026-10-03 14:01:11  ann    192.0.2.7  deploy shop forced   the hotfix  no end is known
            2026-10-03 13:02:11  uid 0  socket     token revoke nobody              refused: there is no token 'nobody'

            """, bench.Output);
        Assert.Equal(["audit 7"], bench.Agent.Calls);
    }
}
