using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Service;

namespace Eclusier.Tests.Service;

public sealed class ServiceUnitSpecs
{
    private static readonly HostAccount Keeper = new("eclusier", 998, "/var/lib/eclusier");

    [Fact]
    public void What_systemd_would_take_for_something_else_is_written_so_that_it_does_not()
    {
        var lines = LinesOf(Unit(program: "/opt/my apps/100%/eclusier", configuration: "/etc/$x/\"e\".yaml"));

        Assert.Contains("ExecStart=\"/opt/my apps/100%%/eclusier\" monitor --config \"/etc/$$x/\\\"e\\\".yaml\"", lines);
    }

    [Fact]
    public void It_may_write_to_its_state_and_to_checkouts_and_to_little_else()
    {
        var settings = new AgentSettings { Stacks = [Some.Stack("shop") with { Checkout = "/srv/my shop" }, Some.Stack("blog")] };

        var lines = LinesOf(Unit(settings));

        Assert.Contains("ReadWritePaths=/var/lib/eclusier \"-/srv/my shop\" -/run/lock", lines);
        Assert.Contains("ProtectSystem=strict", lines);
        Assert.Contains("ProtectHome=yes", lines);
        Assert.Contains("CapabilityBoundingSet=", lines);
        Assert.Contains("User=eclusier", lines);
        Assert.Contains("SupplementaryGroups=docker", lines);
    }

    [Fact]
    public void It_may_listen_at_a_port_of_roots_when_the_configuration_says_so()
    {
        var settings = new AgentSettings { Api = new ApiSettings { Listen = [new ListenAddress(System.Net.IPAddress.Any, 443)] } };

        Assert.Contains("CapabilityBoundingSet=CAP_NET_BIND_SERVICE", LinesOf(Unit(settings)));
        Assert.Contains("AmbientCapabilities=CAP_NET_BIND_SERVICE", LinesOf(Unit(settings)));
        Assert.DoesNotContain(LinesOf(Unit(new AgentSettings())), line => line.Contains("CAP_NET_BIND_SERVICE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("checkout: /home/ada/shop", "ProtectHome=read-only")]
    [InlineData("token_file: /root/token", "ProtectHome=read-only")]
    [InlineData("token_file: /tmp/token", "PrivateTmp=no")]
    public void A_room_that_the_configuration_names_something_in_stays_open(string text, string expected) =>
        Assert.Contains(expected, LinesOf(Unit(text: text)));

    [Fact]
    public void A_packages_unit_is_that_of_the_usual_configuration_and_starts_nothing_without_one()
    {
        var usual = LinesOf(Unit(program: "/usr/lib/eclusier/eclusier"));
        var lines = LinesOf(ServiceUnit.OfPackage("/usr/lib/eclusier/eclusier", "/etc/eclusier/eclusier.yaml"));

        string[] own = ["Documentation=man:eclusier(1)", "ConditionPathExists=/etc/eclusier/eclusier.yaml"];
        Assert.Equal(own, lines.Where(own.Contains));
        Assert.Equal(usual.Skip(1), lines.Where(line => !own.Contains(line)).Skip(1)); // the first line says where it comes from
    }

    [Fact]
    public void Roots_unit_can_keep_the_owners_of_files_and_reads_the_logins_of_root()
    {
        var lines = LinesOf(Unit(account: null));

        Assert.Contains(lines, line => line.StartsWith("CapabilityBoundingSet=CAP_CHOWN", StringComparison.Ordinal));
        Assert.Contains("ProtectHome=read-only", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("User=", StringComparison.Ordinal));
    }

    private static string[] LinesOf(ServiceUnit unit) => unit.ToText().Split('\n');

    private static ServiceUnit Unit(AgentSettings? settings = null, string text = "", string program = "/usr/bin/eclusier", string configuration = "/etc/eclusier/eclusier.yaml") =>
        ServiceHost.UnitFor(settings ?? new AgentSettings(), configuration, text, program, Keeper, "docker", isOfUser: false);

    private static ServiceUnit Unit(HostAccount? account) =>
        ServiceHost.UnitFor(new AgentSettings(), "/etc/eclusier/eclusier.yaml", "", "/usr/bin/eclusier", account, null, isOfUser: false);
}
