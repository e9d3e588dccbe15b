using Eclusier.Adapters.Failures;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;

namespace Eclusier.Adapters.Tests.Failures;

/// <summary>The same trouble has the same words each time.</summary>
public sealed class VaryingPartsSpecs
{
    [Theory]
    [InlineData("Failed to connect to 127.0.0.1 port 4321 after 17 ms: Couldn't connect to server", "Failed to connect to 127.0.0.1 port 4321: Couldn't connect to server")]
    [InlineData("Connection timed out after 10001 milliseconds", "Connection timed out")]
    [InlineData("transfer closed with 4711 bytes remaining to read", "transfer closed with bytes remaining to read")]
    [InlineData("end of response with 12 out of 34 bytes received", "end of response with bytes received")]
    [InlineData("error: unable to create temporary file /m.git/objects/pack/tmp_pack_a1B2c3: No space left on device", "error: unable to create temporary file /m.git/objects/pack/tmp_pack_…: No space left on device")]
    [InlineData("write /var/lib/docker/tmp/GetImageBlob123456: no space left on device", "write /var/lib/docker/tmp/GetImageBlob…: no space left on device")]
    [InlineData("fatal: gc is already running on machine 'host' pid 4711 (use --force if not)", "fatal: gc is already running on machine 'host' (use --force if not)")]
    [InlineData("Get \"https://r.io/v2/\": read tcp 10.0.0.2:43210->10.0.0.9:443: read: connection reset by peer", "Get \"https://r.io/v2/\": read tcp …->10.0.0.9:443: read: connection reset by peer")]
    [InlineData("dial tcp: lookup r.io on 10.0.0.1:53: read udp 10.0.0.2:33333->10.0.0.1:53: i/o timeout", "dial tcp: lookup r.io on 10.0.0.1:53: read udp …->10.0.0.1:53: i/o timeout")]
    [InlineData("driver failed programming external connectivity on endpoint shop-web-1 (0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef): Bind for 0.0.0.0:80 failed", "driver failed programming external connectivity on endpoint shop-web-1: Bind for 0.0.0.0:80 failed")]
    public void What_differs_each_time_is_taken_out(string said, string steady) => Assert.Equal(steady, VaryingParts.Without(said));

    [Theory]
    [InlineData("dial tcp 10.0.0.9:443: connect: connection refused")]
    [InlineData("manifest for r.io/shop:4711 not found: manifest unknown")]
    [InlineData("server is busy, come back after 30 s")]
    [InlineData("fatal: unable to access 'http://127.0.0.1:4321/shop.git/': The requested URL returned error: 503")]
    public void What_stays_the_same_is_told_as_it_is(string said) => Assert.Equal(said, VaryingParts.Without(said));

    [Fact]
    public void A_git_server_that_is_down_is_told_in_the_same_words_each_time()
    {
        Assert.Equal(MessageAfter(0), MessageAfter(17));

        static string MessageAfter(int milliseconds) => GitFailures.Of(
            new GitCommand("/m.git", "fetch") { Doing = "fetching" },
            new ProcessResult(128, "", $"fatal: unable to access 'http://127.0.0.1:4321/shop.git/': Failed to connect to 127.0.0.1 port 4321 after {milliseconds} ms: Couldn't connect to server\n", TimeSpan.Zero)).Message;
    }
}
