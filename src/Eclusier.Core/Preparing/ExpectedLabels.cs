using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Preparing;

/// <summary>Holds a release until its images say that they were built from its commit: a tag may still point to the build before.</summary>
internal sealed class ExpectedLabels(IRegistry registry)
{
    /// <exception cref="FailureException">Waiting: an image says something else, or nothing. Otherwise what the registry throws.</exception>
    public async Task RequireAsync(Stack stack, Revision revision, JsonObject model, IEnumerable<ReleaseService> services, CancellationToken cancellationToken)
    {
        if (stack.Images.ExpectedLabels.Count == 0)
        {
            return;
        }

        var images = services
            .Where(service => !service.IsBuilt && stack.Images.Expects(service.Name) && IsByTag(service.Image))
            .Select(service => (service.Image, service.Reference, Platform: ComposeModel.PlatformOf(model, service.Name))).Distinct();
        foreach (var (written, reference, platform) in images)
        {
            var image = ImageReference.Parse(reference);
            var labels = await registry.ReadLabelsAsync(image, platform, stack.AccessTo(image), cancellationToken);
            foreach (var (label, value) in stack.Images.ExpectedLabels)
            {
                var expected = revision.Fill(value);
                if (labels.GetValueOrDefault(label) is not { } found || found != expected)
                {
                    throw FailureException.Waiting($"{written} is not the build of {revision.Commit.Short} yet: its label {label} is {Told(labels.GetValueOrDefault(label))}, and '{expected}' is expected (`images.expect_label`)");
                }
            }
        }
    }

    /// <summary>What a commit names by digest cannot have been built from it.</summary>
    private static bool IsByTag(string image) => ImageReference.TryParse(image, out var written) && written.Digest is null;

    private static string Told(string? value) => value is null ? "not there" : $"'{(value.Length > 100 ? value[..100] + "…" : value)}'";
}
