using System.IO.Compression;
using System.Xml.Linq;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The packages are whole, and a program builds on them alone.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Make_pack_makes_whole_packages_and_a_program_builds_and_runs_on_them_alone()
    {
        Run($"make --no-print-directory -C {Repository.Root} pack PACKAGES={_folder}/packages");
        var version = Check("Qanat.Packets", []);
        Assert.Equal(version, Check("Qanat.Linux", [("Qanat.Packets", version)]));

        // The echo sample as a stranger has it: no repository around it, and a package where its project reference was.
        var program = Directory.CreateDirectory(Path.Combine(_folder, "echo")).FullName;
        File.Copy(Repository.PathOf("samples/echo/Program.cs"), Path.Combine(program, "Program.cs"));
        File.WriteAllText(Path.Combine(program, "echo.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>{_folder}/cache</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Qanat.Linux" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(program, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="built" value="{_folder}/packages" />
              </packageSources>
            </configuration>
            """);
        Run($"cd {program} && dotnet build -c Release -o out --nologo -v quiet");

        using var host = new TestNamespace();
        using var echo = host.Start($"exec {program}/out/echo");
        Wait.Until(() => echo.Output.Contains("echo0 is up", StringComparison.Ordinal), what: "the program on the packages");
        Assert.True(host.Reaches("10.9.8.2"));
    }

    // Returns the version.
    private string Check(string id, (string Id, string Version)[] dependencies)
    {
        var package = Assert.Single(Directory.GetFiles($"{_folder}/packages", $"{id}.*.nupkg"));
        using var archive = ZipFile.OpenRead(package);
        using var symbols = ZipFile.OpenRead(Path.ChangeExtension(package, "snupkg"));
        Assert.Equal(
            [$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", "README.md"],
            archive.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal) ||
                name == "README.md").Order(StringComparer.OrdinalIgnoreCase));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
        Assert.Equal(File.ReadAllText(Repository.PathOf($"src/{id}/README.md")), Text(archive, "README.md"));
        Assert.Contains("<summary>", Text(archive, $"lib/net10.0/{id}.xml"), StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Root, Text(archive, $"lib/net10.0/{id}.dll"), StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Root, Text(symbols, $"lib/net10.0/{id}.pdb"), StringComparison.Ordinal);

        var metadata = XDocument.Parse(Text(archive, $"{id}.nuspec")).Root!.Elements().Single();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal((id, "MIT", "README.md"), (Value("id"), Value("license"), Value("readme")));
        Assert.NotEmpty(Value("description"));
        Assert.NotEmpty(Value("tags"));
        Assert.Equal(dependencies, metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value)));
        return Value("version");
    }

    private static string Text(ZipArchive archive, string entry)
    {
        using var reader = new StreamReader(archive.GetEntry(entry)!.Open());
        return reader.ReadToEnd();
    }

    private static void Run(string command)
    {
        // No build server may stay behind.
        using var running = new RunningCommand(command, environment: new Dictionary<string, string>
        {
            ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1",
        });
        _ = running.WaitForExit(BuildLimit).Required;
    }
}
