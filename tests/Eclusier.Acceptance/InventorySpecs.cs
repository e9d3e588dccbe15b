using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What the program is made of, and whether it is said.</summary>
public sealed class InventorySpecs
{
    private static readonly string Built = Path.GetDirectoryName(new EclusierHost().Program)!;

    private readonly JsonNode materials = JsonNode.Parse(File.ReadAllText(Path.Combine(Built, "sbom.cdx.json")))!;
    private readonly string notices = File.ReadAllText(Path.Combine(Built, "THIRD-PARTY-NOTICES.txt"));

    [Fact]
    public void Every_package_that_the_program_needs_is_listed_with_its_licence_and_its_hash()
    {
        var needed = Needed();
        Assert.Contains("MailKit", needed.Select(package => package.Name));
        foreach (var (name, version) in needed)
        {
            var listed = Assert.Single(materials["components"]!.AsArray(), component => component!["name"]!.ToString() == name);
            Assert.Equal((version, $"pkg:nuget/{name}@{version}"), (listed!["version"]!.ToString(), listed["purl"]!.ToString()));
            Assert.Matches("^[0-9a-f]{128}$", listed["hashes"]![0]!["content"]!.ToString());
            Assert.Contains($"\n{name} {version}: {listed["licenses"]![0]!["license"]!["id"]}\n", notices);
        }
    }

    [Fact]
    public void The_runtime_and_what_is_compiled_in_are_listed_too()
    {
        var names = materials["components"]!.AsArray().Concat(materials["components"]!.AsArray().SelectMany(component => component!["components"]?.AsArray() ?? [])).Select(component => component!["name"]!.ToString()).ToList();

        Assert.Superset(new HashSet<string> { "sqlite", "brotli", "zlib-ng" }, names.ToHashSet());
        Assert.Contains(names, name => name.StartsWith("Microsoft.NETCore.App.Runtime.NativeAOT.linux-", StringComparison.Ordinal));
        Assert.Contains(names, name => name.StartsWith("Microsoft.AspNetCore.App.Runtime.linux-", StringComparison.Ordinal));
        Assert.DoesNotContain("MinVer", names); // helps to build, and leaves nothing behind
        Assert.Contains("Permission is hereby granted, free of charge", notices);
        Assert.Contains("Apache License", notices);
        Assert.Contains("License notice for Brotli", notices, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task They_are_of_this_very_version()
    {
        var told = JsonNode.Parse((await LabProcess.RunAsync(new EclusierHost().Program, ["version", "--output", "json"], cancellationToken: TestContext.Current.CancellationToken)).Succeeded())!;
        var program = materials["metadata"]!["component"]!;

        Assert.Equal((told["version"]!.ToString(), told["commit"]!.ToString()), (program["version"]!.ToString(), program["properties"]![0]!["value"]!.ToString()));
    }

    /// <summary>From another source than the list: what the compiler was given.</summary>
    private static List<(string Name, string Version)> Needed()
    {
        var given = JsonNode.Parse(File.ReadAllText(Path.Combine(Built, "../../src/Eclusier/bin/Release/net10.0/eclusier.deps.json")))!;
        var target = given["targets"]!.AsObject().Single().Value!.AsObject();
        return [.. target.Where(library => given["libraries"]![library.Key]!["type"]!.ToString() == "package").Select(library => library.Key.Split('/')).Select(parts => (parts[0], parts[1]))];
    }
}
