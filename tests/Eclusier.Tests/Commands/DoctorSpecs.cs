using Eclusier.Commands;
using Eclusier.Core.Diagnosis;

namespace Eclusier.Tests.Commands;

public sealed class DoctorSpecs
{
    [Fact]
    public async Task Each_finding_is_a_line_with_its_remedy_below_and_a_problem_exits_1()
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("doctor"));
        Assert.Equal("""
            RESULT   CHECK          ABOUT                        FINDING
            ok       configuration  /etc/eclusier/eclusier.yaml  valid; stacks: shop
            ok       git                                         git 2.39.5
            problem  repository     shop                         the server refused the credentials
                                                                 → put a token into /etc/eclusier/shop.token

            1 problem, no warning

            """, bench.Output);
        Assert.Empty(bench.Opened);
    }

    [Fact]
    public async Task Warnings_do_not_fail()
    {
        using var bench = new Bench { Findings = [new("unit", "", CheckLevel.Warning, "eclusier.service is not installed", "`eclusier service install`")] };

        Assert.Equal(ExitCodes.Done, await bench.RunAsync("doctor"));
        Assert.EndsWith("\nno problem, 1 warning\n", bench.Output);
    }

    [Fact]
    public async Task What_the_configuration_has_wrong_is_among_the_findings()
    {
        using var bench = new Bench { Problems = { "/etc/eclusier/eclusier.yaml:3:5: stacks.shop.brnch: unknown key" }, Findings = [] };

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("doctor"));
        Assert.Contains("stacks.shop.brnch: unknown key", bench.Output);
        Assert.Contains("→ `eclusier init`", bench.Output); // there is no such file on this machine
    }
}
