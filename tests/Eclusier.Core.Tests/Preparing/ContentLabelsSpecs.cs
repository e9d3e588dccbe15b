using System.Text.Json.Nodes;
using Eclusier.Core.Preparing;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Preparing;

public sealed class ContentLabelsSpecs
{
    private const string WorkTree = "/srv/shop";

    [Fact]
    public void A_service_that_reaches_nothing_gets_no_label() => Assert.Null(LabelOf("plain", Shop()));

    [Fact]
    public void Its_other_labels_stay()
    {
        var model = Shop();
        model["services"]!["proxy"]!["labels"] = new JsonObject { ["team"] = "a" };

        Add(model);

        Assert.Equal("a", model["services"]!["proxy"]!["labels"]!["team"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("nginx.conf", "proxy")]
    [InlineData("site", "proxy")]
    [InlineData("app.json", "api")]
    [InlineData("key.pem", "api", "worker")]
    public void A_changed_file_changes_exactly_the_services_that_use_it(string file, params string[] services)
    {
        var before = Labels(Shop());
        var after = Labels(Shop(), new Dictionary<string, string>(Files) { [file] = "changed" });

        Assert.Equal(services, before.Keys.Where(service => before[service] != after[service]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_no_service_uses_changes_nothing() => Assert.Equal(Labels(Shop()), Labels(Shop(), new Dictionary<string, string>(Files) { ["README.md"] = "changed" }));

    [Fact]
    public void A_changed_definition_of_a_network_changes_the_services_on_it()
    {
        var changed = Shop();
        changed["networks"]!["inner"]!["internal"] = false;

        var (before, after) = (Labels(Shop()), Labels(changed));

        Assert.Equal(["worker"], before.Keys.Where(service => before[service] != after[service]));
    }

    [Fact]
    public void A_changed_definition_of_a_volume_changes_the_services_that_mount_it()
    {
        var changed = Shop();
        changed["volumes"]!["data"]!["driver_opts"] = new JsonObject { ["o"] = "size=1g" };

        Assert.Equal(["plain"], Labels(Shop()).Keys.Where(service => Labels(Shop())[service] != Labels(changed)[service]));
    }

    [Fact]
    public void Inline_content_of_a_config_counts()
    {
        var changed = Shop();
        changed["configs"]!["motd"]!["content"] = "welcome back";

        Assert.Equal(["worker"], Labels(Shop()).Keys.Where(service => Labels(Shop())[service] != Labels(changed)[service]));
    }

    [Fact]
    public void The_work_trees_root_counts_as_a_folder()
    {
        var model = Some.Model(("web", "x"));
        model.With("web", "volumes", new JsonArray(Bind(WorkTree)));

        Assert.NotEqual(LabelOf("web", model, new() { [""] = "tree1" }), LabelOf("web", model, new() { [""] = "tree2" }));
    }

    [Fact]
    public void Files_outside_the_work_tree_and_untracked_ones_have_no_content_known()
    {
        var model = Some.Model(("web", "x"));
        model.With("web", "volumes", new JsonArray(Bind("/etc/localtime"), Bind($"{WorkTree}/data"), Bind("/srv/shop2/nginx.conf")));

        Assert.Null(LabelOf("web", model, new(Files)));
    }

    [Fact]
    public void The_order_of_mounts_does_not_matter()
    {
        var one = Some.Model(("web", "x")).With("web", "volumes", new JsonArray(Bind($"{WorkTree}/nginx.conf"), Bind($"{WorkTree}/site")));
        var other = Some.Model(("web", "x")).With("web", "volumes", new JsonArray(Bind($"{WorkTree}/site"), Bind($"{WorkTree}/nginx.conf")));

        Assert.Equal(LabelOf("web", one), LabelOf("web", other));
    }

    [Fact]
    public void The_same_content_gives_the_same_label_whatever_the_commit() => Assert.Equal(Labels(Shop()), Labels(Shop()));

    private static Dictionary<string, string> Files { get; } = new()
    {
        [""] = "root",
        ["nginx.conf"] = "n1",
        ["site"] = "s1",
        ["app.json"] = "a1",
        ["key.pem"] = "k1",
        ["README.md"] = "r1",
    };

    /// <summary>proxy mounts files, api uses a config and a secret, worker the secret, an inline config and a network of its own, plain a plain volume.</summary>
    private static JsonObject Shop()
    {
        var model = Some.Model(("proxy", "p"), ("api", "a"), ("worker", "w"), ("plain", "x"));
        model.With("proxy", "volumes", new JsonArray(Bind($"{WorkTree}/nginx.conf"), Bind($"{WorkTree}/site")));
        model.With("api", "configs", new JsonArray(Use("app"))).With("api", "secrets", new JsonArray(Use("key")));
        model.With("worker", "secrets", new JsonArray(Use("key"))).With("worker", "configs", new JsonArray(Use("motd"))).With("worker", "networks", new JsonObject { ["inner"] = null });
        model.With("plain", "volumes", new JsonArray(new JsonObject { ["type"] = "volume", ["source"] = "data", ["target"] = "/data" }));
        model["configs"] = new JsonObject { ["app"] = new JsonObject { ["file"] = $"{WorkTree}/app.json" }, ["motd"] = new JsonObject { ["content"] = "welcome" } };
        model["secrets"] = new JsonObject { ["key"] = new JsonObject { ["file"] = $"{WorkTree}/key.pem" } };
        model["networks"]!["inner"] = new JsonObject { ["name"] = "shop_inner", ["internal"] = true };
        model["volumes"] = new JsonObject { ["data"] = new JsonObject { ["name"] = "shop_data" } };
        return model;
    }

    private static JsonObject Bind(string source) => new() { ["type"] = "bind", ["source"] = source, ["target"] = "/x" };

    private static JsonObject Use(string name) => new() { ["source"] = name, ["target"] = $"/{name}" };

    private static void Add(JsonObject model, Dictionary<string, string>? files = null) => ContentLabels.Add(model, WorkTree, files ?? Files);

    private static Dictionary<string, string?> Labels(JsonObject model, Dictionary<string, string>? files = null)
    {
        Add(model, files);
        return ComposeModel.ServicesOf(model).ToDictionary(service => service.Key, service => ComposeModel.TextOf(service.Value["labels"], ContentLabels.Label));
    }

    private static string? LabelOf(string service, JsonObject model, Dictionary<string, string>? files = null) => Labels((JsonObject)model.DeepClone(), files)[service];
}
