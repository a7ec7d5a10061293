import django.db.models.deletion
from django.db import migrations, models


def move_changes_apart(apps, schema_editor):
    """A revision was one change of one object; now it has as many changes as its transaction made."""
    Revision = apps.get_model('gateway', 'Revision')
    RevisionChange = apps.get_model('gateway', 'RevisionChange')
    RevisionChange.objects.bulk_create(
        (
            RevisionChange(
                revision=revision,
                action=revision.action,
                model=revision.model,
                object_name=revision.object_name,
                fields=revision.old_changes,
            )
            for revision in Revision.objects.order_by('id').iterator()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('gateway', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='revision', name='revision_object'),
        # The name is that of the relation from here on.
        migrations.RenameField(model_name='revision', old_name='changes', new_name='old_changes'),
        migrations.CreateModel(
            name='RevisionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('added', 'added'), ('changed', 'changed'), ('deleted', 'deleted')], max_length=10)),
                ('model', models.CharField(help_text='Such as providers.provider.', max_length=100)),
                ('object_name', models.CharField(max_length=200)),
                ('fields', models.JSONField(default=dict, help_text="Field name to old and new value; a secret's value is not in it.")),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='gateway.revision')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['model', 'object_name'], name='revision_object')],
            },
        ),
        migrations.RunPython(move_changes_apart, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name='revision', name='action'),
        migrations.RemoveField(model_name='revision', name='model'),
        migrations.RemoveField(model_name='revision', name='object_name'),
        migrations.RemoveField(model_name='revision', name='old_changes'),
        migrations.AddField(
            model_name='revision',
            name='note',
            field=models.CharField(blank=True, default='', max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='revision',
            name='state',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterModelOptions(
            name='revision',
            options={'ordering': ['-id'], 'permissions': [('restore_revision', 'Can restore revision')]},
        ),
    ]
