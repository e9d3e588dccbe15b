using Eclusier.Adapters.Configuration;
using Eclusier.Core.Access;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

/// <summary>Where the API is reached, as configured.</summary>
public sealed class ApiConfigurationSpecs
{
    [Fact]
    public void Left_out_there_is_only_the_socket()
    {
        var api = ParseValid(Stacks).Api;

        Assert.Empty(api.Listen);
        Assert.False(api.HasTls);
        Assert.Empty(api.TrustedProxies);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var api = ParseValid($$"""
            api:
              listen: [127.0.0.1:8733, "[2001:db8::7]:443"]
              certificate_file: tls.crt
              key_file: /keys/tls.key
              url: https://eclusier.example.org/
              trusted_proxies: [127.0.0.1, 10.1.0.0/16, "fd00::/8"]
              user_header: Remote-User
              user_role: operate
            {{Stacks}}
            """).Api;

        Assert.Equal("127.0.0.1:8733 [2001:db8::7]:443", string.Join(' ', api.Listen));
        Assert.Equal("[2001:db8::7]:443", $"{api.FindOffHost()}");
        Assert.Equal(("/etc/eclusier/tls.crt", "/keys/tls.key", "https://eclusier.example.org/"), (api.CertificateFile, api.KeyFile, $"{api.Url}"));
        Assert.Equal("127.0.0.1/32 10.1.0.0/16 fd00::/8", string.Join(' ', api.TrustedProxies));
        Assert.Equal(("Remote-User", Role.Operate), (api.UserHeader, api.UserRole));
    }

    [Theory]
    [InlineData("localhost:80", "127.0.0.1:80", false)]
    [InlineData("\"[::1]:8733\"", "[::1]:8733", false)]
    [InlineData("127.8.8.8:80", "127.8.8.8:80", false)]
    [InlineData("\"*:8733\"", "0.0.0.0:8733", true)]
    [InlineData("\"[::]:8733\"", "[::]:8733", true)]
    [InlineData("192.0.2.1:8733", "192.0.2.1:8733", true)]
    public void Only_loopback_is_the_host_s_own(string written, string meant, bool isOffHost)
    {
        var api = ParseValid($"api: {{ listen: {written} }}\n{Stacks}").Api;

        Assert.Equal(meant, Assert.Single(api.Listen).ToString());
        Assert.Equal(isOffHost, api.FindOffHost() is not null);
    }

    [Theory]
    [InlineData("listen: »8733", "api.listen: expected an address of this host and a port such as 127.0.0.1:8733, localhost:8733 or *:8733, found '8733'; the port is missing")]
    [InlineData("listen: »example.org:80", "api.listen: expected an address of this host and a port such as 127.0.0.1:8733, localhost:8733 or *:8733, found 'example.org:80'")]
    [InlineData("listen: »'2001:db8::7:80'", "api.listen: expected an address of this host and a port such as 127.0.0.1:8733, localhost:8733 or *:8733, found '2001:db8::7:80'; an IPv6 address needs brackets")]
    [InlineData("listen: »127.1:80", "api.listen: expected an address of this host and a port such as 127.0.0.1:8733, localhost:8733 or *:8733, found '127.1:80'")]
    [InlineData("listen: [»127.0.0.1:0]", "api.listen[0]: expected a port from 1 to 65535, found '127.0.0.1:0'")]
    [InlineData("listen: »127.0.0.1:65536", "api.listen: expected a port from 1 to 65535, found '127.0.0.1:65536'")]
    [InlineData("»certificate_file: a.crt", "api.certificate_file: has a meaning only with 'key_file'")]
    [InlineData("»key_file: a.key", "api.key_file: has a meaning only with 'certificate_file'")]
    [InlineData("»user_header: Remote-User", "api.user_header: has a meaning only with 'trusted_proxies'")]
    [InlineData("»user_role: admin", "api.user_role: has a meaning only with 'user_header'")]
    [InlineData("trusted_proxies: [»proxy.example.org]", "api.trusted_proxies[0]: expected a network such as 10.0.0.0/8, or an address, found 'proxy.example.org'")]
    [InlineData("trusted_proxies: [»10.0.0.0/33]", "api.trusted_proxies[0]: expected a network such as 10.0.0.0/8, or an address, found '10.0.0.0/33'")]
    [InlineData("trusted_proxies: [»10.1.2.3/8]", "api.trusted_proxies[0]: expected a network such as 10.0.0.0/8, or an address, found '10.1.2.3/8'; the whole network would be 10.0.0.0/8, the address alone 10.1.2.3")]
    [InlineData("trusted_proxies: [10.0.0.1]\n  user_header: »'Remote User'", "api.user_header: expected the name of a header, found 'Remote User'")]
    [InlineData("trusted_proxies: [10.0.0.1]\n  user_header: U\n  user_role: »root", "api.user_role: expected one of read, operate, admin, found 'root'")]
    [InlineData("url: »eclusier.example.org", "api.url: expected an http:// or https:// URL")]
    [InlineData("»port: 80", "api.port: unknown key; api takes listen, certificate_file, key_file, url, trusted_proxies, user_header, user_role")]
    public void A_mistake_is_told_where_it_is(string marked, string message)
    {
        var (text, line, column) = WithoutMark($"api:\n  {marked}\n{Stacks}");

        Assert.Equal($"/etc/eclusier/eclusier.yaml:{line}:{column}: {message}", $"{Assert.Single(Parse(text).Problems)}");
    }

    private const string Stacks = "stacks: { a: { repository: /a } }\n";
}
