"""Static files under names that change with their content, and without what the portal does not serve."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    """Leaves out the pages of REST framework's browsable interface and the extensions of htmx."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "django_htmx/ext/*"]


class Storage(CompressedManifestStaticFilesStorage):
    """As whitenoise does it, and imports between our JavaScript modules follow the changed names too."""

    support_js_module_import_aggregation = True
