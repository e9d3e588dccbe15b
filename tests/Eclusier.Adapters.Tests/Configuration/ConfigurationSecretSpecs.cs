using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationSecretSpecs
{
    private const string Hunter = "hunter2";

    [Theory]
    [InlineData("auth: { token: \"hunter2\\nhunter2\" }")]
    [InlineData("auth: { token: [hunter2] }")]
    [InlineData("auth: hunter2")]
    [InlineData("auth: { ssh_key_file: /key, token: hunter2 }")]
    [InlineData("environment: { PASSWORD: \"hunter2{hunter2}\" }")]
    [InlineData("environment: { PASSWORD: \"hunter2\\0\" }")]
    [InlineData("environment: hunter2")]
    [InlineData("health: { probes: [ { http: 'https://me:hunter2@a/' } ] }")]
    [InlineData("health: { probes: [ { http: 'gopher://a/?key=hunter2' } ] }")]
    [InlineData("health: { probes: [ { http: 'https://a/', headers: { Authorization: \"hunter2\\n\" } } ] }")]
    [InlineData("health: { probes: [ { exec: { service: db, command: [login, \"hunter2\\0\"] } } ] }")]
    [InlineData("token: hunter2")]
    public void A_secret_that_is_written_in_the_file_is_in_no_message(string lines) => AssertHidden(Shop(lines), Hunter);

    [Theory]
    [InlineData("https://me:hunter2@git.example.org/shop.git")]
    [InlineData("https://hunter2@git.example.org/shop.git")]
    [InlineData("https://git.example.org/shop.git?token=hunter2")]
    [InlineData("https://me:hunter2@git.example .org/shop.git")]
    [InlineData("me:hunter2@git.example.org/shop.git")]
    public void A_secret_in_a_repository_address_is_in_no_message(string address) =>
        AssertHidden($"stacks: {{ shop: {{ repository: '{address}' }} }}", Hunter);

    [Theory]
    [InlineData("branch: \"${TOKEN} x\"")]
    [InlineData("interval: ${TOKEN}")]
    [InlineData("retain: ${TOKEN}")]
    [InlineData("drift: ${TOKEN}")]
    [InlineData("project: ${TOKEN}_X")]
    [InlineData("notify: [\"${TOKEN}\"]")]
    [InlineData("checkout: ${TOKEN}")]
    [InlineData("compose_files: [\"/${TOKEN}\"]")]
    [InlineData("health: { probes: [ { tcp: \"${TOKEN}\" } ] }")]
    [InlineData("health: { probes: [ { http: 'https://a/', status: \"${TOKEN}\" } ] }")]
    public void A_value_of_the_environment_is_in_no_message(string lines) => AssertHidden(Shop(lines), SecretValue);

    [Fact]
    public void A_value_of_the_environment_is_in_no_message_about_a_twin() =>
        AssertHidden("stacks: { a: { repository: /a, checkout: '/${TOKEN}' }, b: { repository: /b, checkout: '/${TOKEN}' } }", SecretValue);

    [Fact]
    public void A_secret_is_not_printed_with_the_settings() =>
        Assert.DoesNotContain(SecretValue, ParseValid(Shop("auth: { token: \"${TOKEN}\" }")).Stacks[0].ToString(), StringComparison.Ordinal);

    private static void AssertHidden(string text, string secret)
    {
        var problems = Parse(text).Problems;

        Assert.NotEmpty(problems);
        Assert.All(problems, problem => Assert.DoesNotContain(secret, problem.ToString(), StringComparison.Ordinal));
    }
}
