"""The industries by which safety committees divide supervision (rules.md §5.5), with the words that workbooks use for them."""

from django.db import migrations

INDUSTRIES = {
    "危险化学品": "危化品 危化 危险化学品行业 化工 危险化学品企业",
    "烟花爆竹": "烟花 烟爆 烟花爆竹行业",
    "矿山": "非煤矿山 煤矿 尾矿库 非煤矿山和尾矿库 采矿",
    "工贸": "工贸行业 工贸企业 工矿商贸 工贸八大行业 冶金 有色 建材 机械 轻工 纺织 烟草 商贸",
    "消防": "消防安全 人员密集场所 高层建筑",
    "道路交通": "道路运输 道路交通安全 交通安全",
    "建筑施工": "建筑 建筑业 房屋市政 房屋市政工程 住建 建设工程",
    "交通运输": "水上交通 水上 铁路 民航 邮政 邮政快递",
    "城镇燃气": "燃气 燃气安全",
    "特种设备": "特种设备安全",
    "城市运行": "城市管理 供水 供电 地下管网 电梯 户外广告",
    "自建房": "居民自建房 经营性自建房 城乡自建房",
    "经营性场所": "九小场所 三小场所 小场所 公共聚集场所",
    "文旅": "文化旅游 旅游 景区 文化和旅游",
    "体育": "体育场馆",
    "教育": "学校 校园 校园安全",
    "民政养老": "民政 养老 养老院 养老机构 民政服务机构",
    "医疗卫生": "卫生 医院 卫生健康 医疗机构",
    "农业农机渔业": "农业 农机 渔业 农业农村 农业机械 渔业船舶",
    "水利": "水利工程 水库 水利设施",
    "林草": "林业 森林防火 林业和草原",
    "电力油气": "电力 油气管道 油气输送管道 电力、油气管道",
    "民爆": "民用爆炸物品 民爆物品 民爆行业",
    "商务": "餐饮 商超 加油站 商贸流通 商业综合体",
    "宗教场所": "宗教 宗教活动场所 民族宗教",
    "仓储物流": "仓储 物流 物流仓储",
    "新业态": "新兴业态 新业态新领域 剧本娱乐 密室逃脱",
    "危险废物": "危废 危险废弃物 固废",
    "能源": "新能源 能源行业",
    "工业园区等功能区": "工业园区 园区 功能区 化工园区 开发区",
}
STEP = 10


def seed(apps, schema_editor):
    industry = apps.get_model("enterprises", "Industry")
    industry.objects.bulk_create(
        industry(name=name, aliases=words.split(), order=place * STEP)
        for place, (name, words) in enumerate(INDUSTRIES.items(), start=1)
    )


def unseed(apps, schema_editor):
    """Only those that nobody uses can go; the database refuses the others."""
    apps.get_model("enterprises", "Industry").objects.filter(name__in=INDUSTRIES).delete()


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
