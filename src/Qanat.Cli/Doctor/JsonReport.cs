using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qanat.Cli.Doctor;

/// <summary>A report for programs.</summary>
/// <param name="Namespace">The network namespace, as the kernel writes it.</param>
/// <param name="Blocks">How many findings block.</param>
/// <param name="Warnings">How many are warnings.</param>
/// <param name="Notes">How many are notes.</param>
/// <param name="Asked">What was asked about, each with its facts.</param>
/// <param name="Findings">The findings, the worst first, those that say that all is well among them.</param>
internal sealed record JsonReport(
    string Namespace, int Blocks, int Warnings, int Notes, IReadOnlyList<JsonPortrait> Asked, IReadOnlyList<JsonFinding> Findings)
{
    private static readonly DoctorJson s_indented = new(new JsonSerializerOptions(DoctorJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for a terminal, not for HTML
    });

    /// <summary>The text of a report.</summary>
    public static string Of(Report report) => JsonSerializer.Serialize(
        new(report.Namespace, report.Count(Severity.Blocks), report.Count(Severity.Warning), report.Count(Severity.Note),
            [.. report.Portraits.Select(JsonPortrait.Of)], [.. report.Findings.Select(JsonFinding.Of)]),
        s_indented.JsonReport) + "\n";
}

/// <summary>A finding.</summary>
/// <param name="Severity">ok, note, warning or blocks.</param>
/// <param name="Name">Its name in docs/doctor.md; of what is ok, the check's.</param>
/// <param name="Device">The device that it is about, if it is about one.</param>
/// <param name="What">What is the case.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Do">What to do, one way each.</param>
internal sealed record JsonFinding(string Severity, string Name, string? Device, string What, string Why, IReadOnlyList<string> Do)
{
    /// <summary>That of a finding.</summary>
    public static JsonFinding Of(Finding finding) =>
        new(finding.Severity.Word(), finding.Name, finding.Device, finding.What, finding.Why, finding.Do);
}

/// <summary>Something that was asked about.</summary>
internal sealed record JsonPortrait(string Subject, IReadOnlyList<JsonFact> Facts)
{
    /// <summary>That of a portrait.</summary>
    public static JsonPortrait Of(Portrait portrait) =>
        new(portrait.Subject, [.. portrait.Lines.Select(line => new JsonFact(line.Name, line.Value))]);
}

/// <summary>A fact about it; several may have one name.</summary>
internal sealed record JsonFact(string Name, string Value);

/// <summary>JSON of the report, generated at build time; names in camelCase.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
