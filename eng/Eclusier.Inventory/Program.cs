using Eclusier.Inventory;

if (args is not [var assets, var runtime, var version, var commit, var date, var folder])
{
    Console.Error.WriteLine("usage: Eclusier.Inventory PROJECT.ASSETS.JSON RUNTIME VERSION COMMIT DATE FOLDER");
    return 1;
}

var parts = PartsReader.Read(assets, runtime);
File.WriteAllText(Path.Combine(folder, "sbom.cdx.json"), BillOfMaterials.Of(new Product(version, commit, date, runtime), parts));
File.WriteAllText(Path.Combine(folder, "THIRD-PARTY-NOTICES.txt"), Notices.Of(parts));
return 0;
