using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Eclusier.Core.Health;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Valid things to start from.</summary>
public static class Some
{
    public static DateTimeOffset Noon { get; } = new(2026, 9, 1, 12, 0, 0, TimeSpan.Zero);

    public static StackName Shop { get; } = StackName.Parse("shop");

    public static Source Source { get; } = new("https://git.test/shop.git", new RevisionSelector.Branch("main"));

    public static Probe Probe { get; } = new Probe.Http(new Uri("http://shop.test/health"));

    /// <summary>Follows <c>main</c>, gate of 100 s with a look every 10 s, soak of 15 s, one probe.</summary>
    public static Stack Stack { get; } = new(Shop, Source) { Health = new HealthPolicy { Probes = [Probe] } };

    /// <summary>As the engine and registries write them, the same for the same text.</summary>
    public static string Digest(string text) => $"sha256:{Hash(text)}";

    public static CommitId Commit(string text) => CommitId.Parse(Hash(text)[..40]);

    /// <summary>A rendered Compose model: services that restart always, with these images.</summary>
    public static JsonObject Model(params (string Service, string Image)[] services)
    {
        var definitions = new JsonObject();
        foreach (var (service, image) in services)
        {
            definitions[service] = new JsonObject { ["image"] = image, ["restart"] = "always", ["networks"] = new JsonObject { ["default"] = null } };
        }

        return new JsonObject { ["name"] = "shop", ["services"] = definitions, ["networks"] = new JsonObject { ["default"] = new JsonObject { ["name"] = "shop_default", ["ipam"] = new JsonObject() } } };
    }

    /// <summary>A change of one service of a model.</summary>
    public static JsonObject With(this JsonObject model, string service, string key, JsonNode? value)
    {
        model["services"]![service]![key] = value;
        return model;
    }

    public static ReleaseService Service(string name, string image = "web v1") => new()
    {
        Name = name,
        Image = $"registry.test/{name}:1",
        Reference = $"registry.test/{name}@{Digest(image)}",
        ImageId = Digest($"id of {image}"),
        KeepTag = $"eclusier/shop/{name}:1",
        ConfigHash = "c0ffee",
    };

    public static Release Release(params ReleaseService[] services) => new()
    {
        Id = Hash(string.Join(',', services.Select(service => service.Name))),
        Number = 1,
        Stack = Shop,
        Project = "shop",
        Repository = Source.Repository,
        ProjectDirectory = "/srv/shop",
        Services = services,
        ModelHash = Hash("model"),
        PreparedAt = Noon,
    };

    /// <summary>A container as the service's release wants it.</summary>
    public static LiveContainer Container(ReleaseService service, string state = "running") => new()
    {
        Id = $"id-{service.Name}-1",
        Name = $"shop-{service.Name}-1",
        Service = service.Name,
        State = state,
        ImageId = service.ImageId,
        Image = service.Reference,
        ConfigHash = service.ConfigHash,
        RestartPolicy = "always",
        StartedAt = Noon,
    };

    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
