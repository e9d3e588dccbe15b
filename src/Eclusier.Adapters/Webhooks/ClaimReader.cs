using System.Text;
using System.Text.Json;
using Eclusier.Core.Webhooks;

namespace Eclusier.Adapters.Webhooks;

/// <summary>Reads what a sender says, in the forms that forges and registries document. What is in no known form is <see cref="ClaimKind.Unknown"/>, never an error.</summary>
public static class ClaimReader
{
    private const int Most = 100;

    private static readonly string[] EventHeaders = ["X-GitHub-Event", "X-Forgejo-Event", "X-Gitea-Event", "X-Gogs-Event"];

    private static readonly Claim Unknown = new(ClaimKind.Unknown);

    private static readonly Claim Other = new(ClaimKind.Other);

    public static Claim Read(Func<string, string?> header, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(IsForm(header) ? FormPayload(body) : body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root ? Read(header, root) : Unknown;
        }
        catch (JsonException)
        {
            return Unknown;
        }
    }

    private static Claim Read(Func<string, string?> header, JsonElement root)
    {
        if (EventHeaders.Select(header).FirstOrDefault(name => name is { Length: > 0 }) is { } word)
        {
            return word switch
            {
                "push" => Push(root, root.Text("ref")),
                "create" or "delete" => Push(root, $"refs/{(root.Text("ref_type") == "tag" ? "tags" : "heads")}/{root.Text("ref")}"),
                "registry_package" or "package" => Package(root),
                _ => Other,
            };
        }

        if (header("X-Event-Key") is { Length: > 0 } key) // Bitbucket
        {
            return key is "repo:push" or "repo:refs_changed" ? Bitbucket(root) : Other;
        }

        if (header("X-Gitlab-Event") is { Length: > 0 })
        {
            return (root.Text("object_kind") ?? root.Text("event_name")) is "push" or "tag_push" or "repository_update" ? Push(root, root.Text("ref")) : Other;
        }

        return root.At("push_data") is not null && root.At("repository") is { } hub ? Image(hub.Text("repo_name"))
            : root.At("event_data") is { } harbor ? Harbor(root.Text("type"), harbor)
            : root.Text("specversion") is not null && root.At("data") is { } cloud ? Harbor(root.Text("type"), cloud)
            : root.At("events") is { ValueKind: JsonValueKind.Array } events ? Distribution(events)
            : Unknown;
    }

    private static Claim Push(JsonElement root, string? name)
    {
        JsonElement?[] places = [root.At("repository"), root.At("project")];
        string[] keys = ["full_name", "path_with_namespace", "clone_url", "git_http_url", "ssh_url", "git_ssh_url"];
        return new Claim(ClaimKind.Push)
        {
            Refs = name is { Length: > 0 } ? [name] : [],
            Repositories = [.. places.OfType<JsonElement>().SelectMany(place => keys.Select(key => place.Text(key))).OfType<string>()],
        };
    }

    private static Claim Bitbucket(JsonElement root)
    {
        var repository = root.At("repository");
        var cloud = (root.At("push")?.Items("changes") ?? []).SelectMany(change => new[] { change.At("new"), change.At("old") }).OfType<JsonElement>()
            .Select(side => $"refs/{(side.Text("type") == "tag" ? "tags" : "heads")}/{side.Text("name")}");
        var server = root.Items("changes").Select(change => change.Text("refId") ?? change.At("ref")?.Text("id")).OfType<string>();
        var ofServer = repository?.At("project")?.Text("key") is { } project ? $"{project}/{repository?.Text("slug")}" : null;
        return new Claim(ClaimKind.Push)
        {
            Refs = [.. cloud.Concat(server).Distinct().Take(Most)],
            Repositories = [.. new[] { repository?.Text("full_name"), ofServer, ofServer is null ? null : $"scm/{ofServer}" }.OfType<string>()],
        };
    }

    /// <summary>GitHub's and Gitea's packages, of which some are images.</summary>
    private static Claim Package(JsonElement root)
    {
        if ((root.At("registry_package") ?? root.At("package")) is not { } package)
        {
            return Unknown;
        }

        if ((package.Text("package_type") ?? package.Text("type")) is { } type && !type.Equals("container", StringComparison.OrdinalIgnoreCase) && !type.Equals("docker", StringComparison.OrdinalIgnoreCase))
        {
            return Other;
        }

        var url = package.At("package_version")?.Text("package_url")?.TrimEnd(':'); // an untagged one ends so
        var owner = package.Text("namespace") ?? package.At("owner")?.Text("login");
        return Image(url is { Length: > 0 } ? url : owner is null ? null : $"{owner}/{package.Text("name")}".ToLowerInvariant());
    }

    /// <summary>In its own form, and in that of CloudEvents.</summary>
    private static Claim Harbor(string? type, JsonElement data)
    {
        if (type is not ("PUSH_ARTIFACT" or "harbor.artifact.pushed" or "pushImage"))
        {
            return type is { Length: > 0 } ? Other : Unknown;
        }

        var addresses = data.Items("resources").Select(resource => resource.Text("resource_url")).OfType<string>().Take(Most);
        return new Claim(ClaimKind.Image) { Images = [.. addresses.DefaultIfEmpty(data.At("repository")?.Text("repo_full_name")).OfType<string>()] };
    }

    /// <summary>One request may tell several events; layers and pulls are told too.</summary>
    private static Claim Distribution(JsonElement events)
    {
        var pushed = events.EnumerateArray().Where(one => one.Text("action") == "push" && one.At("target")?.Text("mediaType") is not "application/octet-stream")
            .Select(one => one.At("target")?.Text("repository")).OfType<string>().Distinct().Take(Most).ToList();
        return pushed.Count > 0 ? new Claim(ClaimKind.Image) { Images = pushed } : Other;
    }

    private static Claim Image(string? name) => new(ClaimKind.Image) { Images = name is { Length: > 0 } ? [name] : [] };

    private static bool IsForm(Func<string, string?> header) => header("Content-Type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>GitHub's other content type: <c>payload=</c> and the JSON, escaped.</summary>
    private static byte[] FormPayload(ReadOnlyMemory<byte> body)
    {
        const string Name = "payload=";
        var field = Encoding.UTF8.GetString(body.Span).Split('&').FirstOrDefault(part => part.StartsWith(Name, StringComparison.Ordinal));
        return field is null ? [] : Encoding.UTF8.GetBytes(Uri.UnescapeDataString(field[Name.Length..].Replace('+', ' ')));
    }

    private static JsonElement? At(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(this JsonElement element, string name)
    {
        try
        {
            return element.At(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair: JSON allows it, a text cannot hold it
        }
    }

    private static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.At(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
