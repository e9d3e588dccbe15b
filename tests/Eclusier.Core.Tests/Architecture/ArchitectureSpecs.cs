using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Eclusier.Core.Reconciliation;

namespace Eclusier.Core.Tests.Architecture;

public sealed partial class ArchitectureSpecs
{
    private static readonly Assembly Core = typeof(Reconciler).Assembly;

    private static readonly string Sources = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../src/Eclusier.Core"));

    [Theory]
    [InlineData("Eclusier")]
    [InlineData("Eclusier.Adapters")]
    [InlineData("Microsoft.Data.Sqlite")]
    [InlineData("CliWrap")]
    [InlineData("YamlDotNet")]
    [InlineData("Spectre.Console")]
    [InlineData("System.CommandLine")]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("System.Net.Http")]
    [InlineData("System.Net.Sockets")]
    public void The_core_does_not_know(string assembly) => Assert.DoesNotContain(assembly, Core.GetReferencedAssemblies().Select(name => name.Name));

    [Fact]
    public void The_core_knows_the_runtime_and_logging_and_nothing_else() =>
        Assert.All(Core.GetReferencedAssemblies(), name => Assert.True(name.Name!.StartsWith("System.", StringComparison.Ordinal) || name.Name == "Microsoft.Extensions.Logging.Abstractions", name.Name));

    [Fact]
    public void A_namespace_is_its_folder() => Assert.All(SourceFiles(), file =>
        Assert.Contains($"namespace Eclusier.Core.{Path.GetRelativePath(Sources, Path.GetDirectoryName(file)!)};", File.ReadAllText(file), StringComparison.Ordinal));

    [Fact]
    public void A_types_file_has_its_name_or_that_of_a_companion()
    {
        var files = SourceFiles().ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var types = Core.GetTypes().Where(type => !type.IsNested && !type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.Namespace!.StartsWith("Eclusier.", StringComparison.Ordinal));

        Assert.All(files.Keys, name => Assert.Contains(types, type => type.Name.Split('`')[0] == name));
    }

    [Fact]
    public void Every_public_type_says_in_a_sentence_what_it_is()
    {
        var documented = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Eclusier.Core.xml")).Descendants("member")
            .Where(member => member.Element("summary") is { } summary && summary.Value.Trim().EndsWith('.')).Select(member => member.Attribute("name")!.Value).ToHashSet();

        Assert.All(Core.GetExportedTypes().Where(type => !type.IsNested), type => Assert.Contains($"T:{type.FullName}", documented));
    }

    [Fact]
    public void No_file_is_much_longer_than_a_screen_or_six() => Assert.All(SourceFiles(), file => Assert.InRange(File.ReadLines(file).Count(), 1, 250));

    [Fact]
    public void Nothing_is_called_a_helper() => Assert.All(Core.GetTypes(), type => Assert.DoesNotMatch("(Utils?|Helpers?|Manager)$", type.Name));

    [Fact]
    public void Only_seams_reach_the_outside() => // one look at a staged file is left in the preparer
        Assert.Equal(["ReleasePreparer.cs"], SourceFiles().Where(file => Outside().IsMatch(File.ReadAllText(file))).Select(Path.GetFileName));

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories).Where(file => !Path.GetRelativePath(Sources, file).StartsWith("obj", StringComparison.Ordinal) && !Path.GetRelativePath(Sources, file).StartsWith("bin", StringComparison.Ordinal));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"(?<![.\w])(File|Directory|Environment|Dns|HttpClient|Socket|Console)\.[A-Z]")]
    private static partial Regex Outside();
}
