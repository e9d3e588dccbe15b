using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration;

namespace Eclusier.Adapters.Tests.Configuration;

/// <remarks>With ECLUSIER_REWRITE_DOCS=1 in the environment these tests write the files anew instead of comparing them.</remarks>
public sealed class ConfigurationDocumentationSpecs
{
    private const string Generated = "<!-- From here on this page is made from the definition of the keys";

    private static readonly string[] Paths =
    [
        "state_dir", "interval", "max_parallel_deployments", "stacks", "notifiers", "notify_waiting_after", "heartbeat", "api",
        "stacks.<name>.repository", "stacks.<name>.auth", "stacks.<name>.branch", "stacks.<name>.tag", "stacks.<name>.commit", "stacks.<name>.directory",
        "stacks.<name>.compose_files", "stacks.<name>.env_files", "stacks.<name>.environment", "stacks.<name>.profiles", "stacks.<name>.project",
        "stacks.<name>.checkout", "stacks.<name>.interval", "stacks.<name>.images", "stacks.<name>.health", "stacks.<name>.on_failure",
        "stacks.<name>.unset_variables", "stacks.<name>.history", "stacks.<name>.drift", "stacks.<name>.retain", "stacks.<name>.notify", "stacks.<name>.commit_status",
        "stacks.<name>.auth.token", "stacks.<name>.auth.token_file", "stacks.<name>.auth.username", "stacks.<name>.auth.ssh_key_file",
        "stacks.<name>.auth.known_hosts_file",
        "stacks.<name>.registries", "stacks.<name>.registries.<name>.username", "stacks.<name>.registries.<name>.password", "stacks.<name>.registries.<name>.password_file",
        "stacks.<name>.registries.<name>.token_file", "stacks.<name>.registries.<name>.ca_file",
        "stacks.<name>.images.wait", "stacks.<name>.images.follow", "stacks.<name>.images.interval", "stacks.<name>.images.min_age",
        "stacks.<name>.images.expect_label", "stacks.<name>.images.expect_label_on",
        "stacks.<name>.health.timeout", "stacks.<name>.health.interval", "stacks.<name>.health.soak", "stacks.<name>.health.probes",
        "stacks.<name>.health.probes[].http", "stacks.<name>.health.probes[].status", "stacks.<name>.health.probes[].body_contains",
        "stacks.<name>.health.probes[].headers", "stacks.<name>.health.probes[].method", "stacks.<name>.health.probes[].timeout",
        "stacks.<name>.health.probes[].tls", "stacks.<name>.health.probes[].tcp", "stacks.<name>.health.probes[].exec",
        "stacks.<name>.health.probes[].exec.service", "stacks.<name>.health.probes[].exec.command",
        "stacks.<name>.commit_status.type", "stacks.<name>.commit_status.token", "stacks.<name>.commit_status.token_file", "stacks.<name>.commit_status.api_url",
        "stacks.<name>.commit_status.context",
        "notifiers.<name>.type", "notifiers.<name>.url", "notifiers.<name>.url_file", "notifiers.<name>.token", "notifiers.<name>.token_file",
        "notifiers.<name>.secret", "notifiers.<name>.secret_file", "notifiers.<name>.chat", "notifiers.<name>.topic", "notifiers.<name>.room",
        "notifiers.<name>.host", "notifiers.<name>.port", "notifiers.<name>.security", "notifiers.<name>.username", "notifiers.<name>.password",
        "notifiers.<name>.password_file", "notifiers.<name>.from", "notifiers.<name>.to", "notifiers.<name>.on",
        "heartbeat.url", "heartbeat.url_file", "heartbeat.interval",
        "api.listen", "api.certificate_file", "api.key_file", "api.url", "api.trusted_proxies", "api.user_header", "api.user_role",
        "stacks.<name>.webhook", "stacks.<name>.webhook.secret", "stacks.<name>.webhook.secret_file",
        "webhooks", "webhooks.<name>.secret", "webhooks.<name>.secret_file", "webhooks.<name>.stacks",
        "telemetry", "telemetry.otlp", "telemetry.interval", "telemetry.headers",
    ];

    [Fact]
    public void The_schema_in_docs_is_that_of_the_definition() =>
        AssertCommitted("docs/eclusier.schema.json", _ => ConfigurationSchema.ToText());

    [Fact]
    public void The_reference_in_docs_is_that_of_the_definition() =>
        AssertCommitted("docs/configuration.md", page =>
        {
            var line = page.IndexOf(Generated, StringComparison.Ordinal);
            Assert.True(line >= 0, "docs/configuration.md has lost the comment before its generated part");
            return $"{page[..(page.IndexOf('\n', line) + 1)]}\n{ConfigurationReference.ToMarkdown()}";
        });

    [Fact]
    public void The_reference_has_a_heading_for_every_key_and_no_other()
    {
        var headings = ConfigurationReference.ToMarkdown().Split('\n').Where(line => line.StartsWith("### ", StringComparison.Ordinal));

        Assert.Equal(Paths.Order(StringComparer.Ordinal), headings.Select(heading => heading[4..].Trim('`')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_schema_has_every_key_with_a_description_and_no_other()
    {
        var paths = new List<string>();
        Collect(JsonNode.Parse(ConfigurationSchema.ToText())!, "", paths);

        Assert.Equal(Paths.Order(StringComparer.Ordinal), paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_links_of_the_reference_lead_to_its_headings()
    {
        var page = File.ReadAllText(Repository.Path("docs/configuration.md"));
        var headings = page.Split('\n').Where(line => line.StartsWith("##", StringComparison.Ordinal))
            .Select(line => new string([.. line.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-').Where(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')]))
            .ToArray();
        var links = page.Split("](#").Skip(1).Select(rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)]).ToArray();

        Assert.Equal(headings.Distinct(), headings); // a link to a repeated heading leads to the first one
        Assert.True(links.Length >= Paths.Length);
        Assert.All(links, link => Assert.Contains(link, headings));
    }

    [Fact]
    public void The_schema_closes_every_group_of_keys()
    {
        var groups = 0;
        void Visit(JsonNode? node)
        {
            if (node is JsonObject schema && schema["properties"] is JsonObject && schema["type"] is not null) // not of a rule
            {
                groups++;
                Assert.False(schema["additionalProperties"]!.GetValue<bool>());
            }

            foreach (var child in node switch { JsonObject map => map.Select(entry => entry.Value), JsonArray list => list, _ => [] }) { Visit(child); }
        }

        Visit(JsonNode.Parse(ConfigurationSchema.ToText()));

        Assert.Equal(15, groups); // the file, stack, auth, images, registry, health, probe, exec, commit status, notifier, heartbeat, api, webhook, shared webhook, telemetry
    }

    private static void Collect(JsonNode schema, string path, List<string> paths)
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            Assert.NotEmpty(property!["description"]!.GetValue<string>());
            paths.Add(inner);
            Collect(property, inner, paths);
            if (property["items"] is { } items) { Collect(items, $"{inner}[]", paths); }
            if (property["additionalProperties"] is JsonObject values) { Collect(values, $"{inner}.<name>", paths); }
        }
    }

    private static void AssertCommitted(string relative, Func<string, string> generate)
    {
        var path = Repository.Path(relative);
        var committed = File.Exists(path) ? File.ReadAllText(path) : "";
        var generated = generate(committed);
        if (Environment.GetEnvironmentVariable("ECLUSIER_REWRITE_DOCS") == "1")
        {
            File.WriteAllText(path, generated);
            return;
        }

        Assert.True(generated == committed, $"{relative} differs from what the definition of the keys gives: run the tests once with ECLUSIER_REWRITE_DOCS=1 and look at the change");
    }
}
